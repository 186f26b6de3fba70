import type { ApiKeyBody } from '@latchkey/contract';
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Resource, summaryOf } from '../../data/permissions.ts';
import type { KeySort } from '../../data/search-parameters.ts';
import { IconAlertTriangle, IconClockExclamation } from '../../ui/icons.ts';
import { plural, short } from '../../ui/numbers.ts';
import { Name, Person } from '../../ui/person.tsx';
import { Status } from '../../ui/status.tsx';
import { DAY_MS, dateText, useNow } from '../../ui/time.ts';
import { Ago, Time } from '../../ui/time-text.tsx';
import classes from './keys.module.css';

/** A key with what the row says about it beyond the key itself. */
export interface KeyRow {
  readonly apiKey: ApiKeyBody;
  readonly resources: readonly Resource[];
  /** How many permissions its owner does not have. */
  readonly exceeding: number;
}

interface Column {
  /** Also the class of its cells, which sets the width and hides it on narrow screens. */
  readonly id: string;
  readonly title: string;
  readonly sort?: KeySort;
  readonly cell: (row: KeyRow) => ReactNode;
}

export const COLUMNS: readonly Column[] = [
  { id: 'key', title: 'Key', sort: 'name', cell: ({ apiKey }) => <KeyHint apiKey={apiKey} /> },
  { id: 'owner', title: 'Owner', cell: ({ apiKey }) => <Person name={apiKey.creator.displayName} /> },
  { id: 'permissions', title: 'Permissions', cell: (row) => <Permissions {...row} /> },
  { id: 'limits', title: 'Limits', cell: ({ apiKey }) => <Limits apiKey={apiKey} /> },
  {
    id: 'used',
    title: 'Last used',
    sort: 'lastUsedAt',
    cell: ({ apiKey }) => <Ago at={apiKey.lastUsedAt} isLong />,
  },
  {
    id: 'expires',
    title: 'Expires',
    sort: 'expiresAt',
    cell: ({ apiKey }) => <Expires at={apiKey.expiresAt} />,
  },
  { id: 'status', title: 'Status', cell: ({ apiKey }) => <Status status={apiKey.status} /> },
];

function KeyHint({ apiKey }: { apiKey: ApiKeyBody }) {
  return (
    <>
      <Name text={apiKey.name} />
      <code className={classes.hint}>{apiKey.key}</code>
    </>
  );
}

function Permissions({ apiKey, resources, exceeding }: KeyRow) {
  const { permissions } = apiKey;
  const warning = `${plural(exceeding, 'permission')} exceed what its owner holds now`;
  return (
    <span className={classes.permissionCell}>
      <b>{permissions.length}</b>
      <span className={classes.summary}>{summaryOf(permissions, resources)}</span>
      {exceeding > 0 && (
        <Tooltip label={warning}>
          <IconAlertTriangle
            size={15}
            stroke={1.75}
            className={classes.warn}
            role="img"
            aria-label={warning}
          />
        </Tooltip>
      )}
    </span>
  );
}

function Limits({ apiKey }: { apiKey: ApiKeyBody }) {
  const { requestsPerMinute, requestsPerDay } = apiKey.rateLimit;
  if (requestsPerMinute === null && requestsPerDay === null)
    return <span className={classes.muted}>No limit</span>;
  return (
    <span className={classes.limits}>
      {requestsPerMinute !== null && <span>{short(requestsPerMinute)}/min</span>}
      {requestsPerDay !== null && <small>{short(requestsPerDay)}/day</small>}
    </span>
  );
}

const SOON_DAYS = 14;

/** Days until the expiry, if it is soon; else null. */
export function daysLeft(at: string | null, now: number): number | null {
  if (at === null) return null;
  const left = Date.parse(at) - now;
  return left > 0 && left <= SOON_DAYS * DAY_MS ? Math.floor(left / DAY_MS) : null;
}

export function Expires({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className={classes.muted}>Never</span>;
  const left = daysLeft(at, now);
  if (left === null) return <Time at={at}>{dateText(Date.parse(at))}</Time>;
  return (
    <span className={classes.soon}>
      <IconClockExclamation size={15} stroke={1.75} aria-hidden />
      <Time at={at}>{left === 0 ? 'today' : `in ${plural(left, 'day')}`}</Time>
    </span>
  );
}
