import type { ApiKeyBody } from '@latchkey/contract';
import { count } from './numbers.ts';
import { Name } from './person.tsx';
import { Ago } from './time-text.tsx';
import classes from './ui.module.css';

interface KeyListProps {
  readonly keys: readonly Pick<ApiKeyBody, 'id' | 'name' | 'key' | 'lastUsedAt'>[];
  /** All of them, also those that are not in `keys`. */
  readonly total: number;
  readonly label?: string;
}

type Used = Pick<ApiKeyBody, 'lastUsedAt'>;

/** Compares keys for a list with the last used first. */
export const byLastUse = (a: Used, b: Used): number => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? '');

/** Keys that a change affects, in the given order. */
export function KeyList({ keys, total, label }: KeyListProps) {
  return (
    <ul className={classes.keyList} aria-label={label}>
      {keys.map(({ id, name, key, lastUsedAt }) => (
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
