import type { ApiKeyBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { CopyButton } from '../../ui/buttons.tsx';
import { count } from '../../ui/numbers.ts';
import { Person } from '../../ui/person.tsx';
import { dateText, dateTimeText, leftText, useNow } from '../../ui/time.ts';
import { Time } from '../../ui/time-text.tsx';
import classes from './key.module.css';
import { explanationQuery } from './queries.ts';

/** The facts of the key, with the remaining quota of its limits. */
export function KeyFacts({ apiKey }: { apiKey: ApiKeyBody }) {
  return (
    <dl className={classes.facts}>
      <dt>Owner</dt>
      <dd>
        <Person name={apiKey.creator.displayName} />
      </dd>
      <dt>Created</dt>
      <dd>
        <Time at={apiKey.createdAt}>{dateTimeText(Date.parse(apiKey.createdAt))}</Time>
      </dd>
      <dt>Expires</dt>
      <dd>
        <Expiry at={apiKey.expiresAt} />
      </dd>
      <dt>Limits</dt>
      <dd>
        <Limits apiKey={apiKey} />
      </dd>
      <dt>Key id</dt>
      <dd className={classes.id}>
        <code>{apiKey.id}</code>
        <CopyButton text={apiKey.id} label="Copy the key id" />
      </dd>
    </dl>
  );
}

function Expiry({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className={classes.muted}>Never</span>;
  const left = Date.parse(at) - now;
  return (
    <>
      <Time at={at}>{dateText(Date.parse(at))}</Time>{' '}
      <span className={classes.muted}>{left > 0 ? `in ${leftText(left)}` : 'expired'}</span>
    </>
  );
}

function Limits({ apiKey }: { apiKey: ApiKeyBody }) {
  const { requestsPerMinute, requestsPerDay } = apiKey.rateLimit;
  const { data } = useQuery(explanationQuery(apiKey.id, [], 0));
  if (requestsPerMinute === null && requestsPerDay === null)
    return <span className={classes.muted}>No limit</span>;
  const left = (value: number | null | undefined) =>
    value === null || value === undefined ? null : (
      <span className={classes.muted}> {count(value)} left</span>
    );
  return (
    <>
      {requestsPerMinute !== null && (
        <div>
          {count(requestsPerMinute)} a minute{left(data?.rateLimit.remainingThisMinute)}
        </div>
      )}
      {requestsPerDay !== null && (
        <div>
          {count(requestsPerDay)} a day{left(data?.rateLimit.remainingToday)}
        </div>
      )}
    </>
  );
}
