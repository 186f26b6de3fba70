import type { ApiKeyBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { KeyList } from '../../ui/key-list.tsx';
import { Problem } from '../../ui/problem.tsx';

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
  return <KeyList keys={data.keys} total={data.total - 1} label="Keys that are revoked too" />;
}
