import type { ApiKeyBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { count } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Ago } from '../../ui/time-text.tsx';
import classes from './key.module.css';

/** The keys that a revocation would stop, besides the key itself; undefined until the service has tried it. */
export function useAffected(apiKey: ApiKeyBody, reason: string, cascade: boolean) {
  return useQuery({
    queryKey: [...KEYS, 'affected', apiKey.id, cascade],
    queryFn: async () => {
      const { affected } = await latchkey.keys.revoke(apiKey.id, { reason, cascade, dryRun: true });
      return { total: affected?.total ?? 0, keys: affected?.keys.filter(({ id }) => id !== apiKey.id) ?? [] };
    },
  });
}

/** What the cascade would end, the last used first. */
export function AffectedKeys({ affected }: { affected: ReturnType<typeof useAffected> }) {
  const { data, error } = affected;
  if (error) return <Problem error={error} />;
  if (!data || data.keys.length === 0) return null;
  const more = data.total - 1 - data.keys.length;
  return (
    <ul className={classes.affected} aria-label="Keys that are revoked too">
      {data.keys.map(({ id, name, key, lastUsedAt }) => (
        <li key={id}>
          <span>
            <Name text={name} /> <code>…{key.slice(-4)}</code>
          </span>
          <span>
            Last used: <Ago at={lastUsedAt} isLong />
          </span>
        </li>
      ))}
      {more > 0 && <li>and {count(more)} more</li>}
    </ul>
  );
}
