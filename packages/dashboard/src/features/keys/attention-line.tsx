import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { KeysSearch } from '../../data/search-parameters.ts';
import type { Icon } from '../../ui/icon.tsx';
import { IconAlertTriangle, IconClockExclamation, IconMoonStars } from '../../ui/icons.ts';
import { count } from '../../ui/numbers.ts';
import classes from './keys.module.css';
import { useKeyCount } from './use-key-list.ts';

interface Concern {
  readonly filter: KeysSearch;
  readonly icon: Icon;
  /** Follows the number of keys. */
  readonly text: readonly [one: string, many: string];
}

const CONCERNS: readonly Concern[] = [
  {
    filter: { expires: 14 },
    icon: IconClockExclamation,
    text: ['expires within 14 days', 'expire within 14 days'],
  },
  { filter: { exceeds: true }, icon: IconAlertTriangle, text: ['exceeds its owner', 'exceed their owner'] },
  { filter: { unused: 90 }, icon: IconMoonStars, text: ['unused for 90 days', 'unused for 90 days'] },
];

/** Filters for keys that need attention, with their numbers. */
export function AttentionLine({ search, range }: { search: KeysSearch; range: ReactNode }) {
  return (
    <div className={classes.line}>
      <span className={classes.lineLabel}>Needs attention</span>
      <div className={classes.chips}>
        {CONCERNS.map((concern) => (
          <Chip key={concern.text[1]} concern={concern} search={search} />
        ))}
      </div>
      {range}
    </div>
  );
}

function Chip({ concern, search }: { concern: Concern; search: KeysSearch }) {
  const { filter, icon: Icon, text } = concern;
  const found = useKeyCount(text[1], filter);
  const [name] = Object.keys(filter) as (keyof KeysSearch)[];
  const isChosen = name !== undefined && search[name] === filter[name];
  if (found === 0 && !isChosen) return null;
  return (
    <Button
      className={classes.chip}
      data-chosen={isChosen || undefined}
      aria-current={isChosen ? 'true' : undefined}
      leftSection={<Icon size={15} stroke={1.75} aria-hidden />}
      renderRoot={(props) => <Link {...props} to="/keys" search={isChosen ? {} : filter} />}
    >
      {count(found)} {text[found === 1 ? 0 : 1]}
    </Button>
  );
}
