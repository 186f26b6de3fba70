import type { RefusalBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../../ui/notices.tsx';
import { clockText, dayText, useNow } from '../../ui/time.ts';
import { Time } from '../../ui/time-text.tsx';
import { causeOf } from './cause-of.ts';
import { DenialAction } from './denial-action.tsx';
import classes from './key.module.css';
import { denialsQuery, type VersionedKey } from './queries.ts';

const SHOWN = 5;

/** Why was it denied? Identical denials in a row are one line. */
export function KeyDenials({ apiKey }: { apiKey: VersionedKey }) {
  const [isAll, setAll] = useState(false);
  const { data, error, refetch } = useQuery(denialsQuery(apiKey.id));
  const runs = runsOf(data ?? []);
  return (
    <section className={classes.section}>
      <h2>
        Recent denials <small>a sample of the last 7 days</small>
      </h2>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <p className={classes.muted}>No request was denied in the last 7 days.</p>}
      <ul className={classes.denials}>
        {(isAll ? runs : runs.slice(0, SHOWN)).map((run) => (
          <Line key={run[0].at + run[0].code} run={run} apiKey={apiKey} />
        ))}
      </ul>
      {runs.length > SHOWN && !isAll && (
        <Button className={classes.more} variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          Show all {runs.length}
        </Button>
      )}
    </section>
  );
}

/** Denials with the same cause that follow each other, the latest first. */
type Run = readonly [RefusalBody, ...RefusalBody[]];

function runsOf(denials: readonly RefusalBody[]): readonly Run[] {
  const causeText = (denial: RefusalBody) =>
    JSON.stringify([denial.code, denial.step, denial.missing, denial.cost]);
  const runs: [RefusalBody, ...RefusalBody[]][] = [];
  for (const denial of denials) {
    const last = runs.at(-1);
    if (last && causeText(last[0]) === causeText(denial)) last.push(denial);
    else runs.push([denial]);
  }
  return runs;
}

function Line({ run, apiKey }: { run: Run; apiKey: VersionedKey }) {
  const now = useNow();
  const [denial] = run;
  const { title, text } = causeOf(denial, apiKey);
  const first = run.at(-1) ?? denial;
  const at = Date.parse(denial.at);
  return (
    <li className={classes.denial}>
      <Time at={denial.at}>{`${dayText(at, now).split(',')[0]}, ${clockText(at).slice(0, 5)}`}</Time>
      <div>
        <b>{title}</b>
        <p>
          {text}
          {run.length > 1 &&
            ` ${run.length} times between ${clockText(Date.parse(first.at)).slice(0, 5)} and ${clockText(at).slice(0, 5)}.`}
        </p>
      </div>
      <DenialAction denial={denial} apiKey={apiKey} />
    </li>
  );
}
