import type { ApiKeyBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { count } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import { Ago } from '../../ui/time-text.tsx';
import classes from './members.module.css';

const SHOWN = 100;

/** The active keys of a member, and how many there are. */
export function useHeldKeys(userId: string) {
  return useQuery({
    queryKey: [...KEYS, 'of', userId],
    queryFn: () => latchkey.keys.list({ userId, status: 'active', limit: SHOWN }),
  });
}

/** Keys that a change affects, the last used first. */
export function KeyList({ keys, total }: { keys: readonly ApiKeyBody[]; total: number }) {
  const byUse = keys.toSorted((a, b) => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? ''));
  return (
    <ul className={classes.keyList}>
      {byUse.map(({ id, name, key, lastUsedAt }) => (
        <li key={id}>
          <span>
            <Name text={name} /> <code>…{key.slice(-4)}</code>
          </span>
          <span>
            Last used: <Ago at={lastUsedAt} isLong />
          </span>
        </li>
      ))}
      {total > keys.length && <li>and {count(total - keys.length)} more</li>}
    </ul>
  );
}
