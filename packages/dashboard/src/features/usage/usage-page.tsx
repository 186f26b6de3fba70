import type { Granularity } from '@latchkey/contract';
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { Problem } from '../../ui/notices.tsx';
import { count } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import { Name } from '../../ui/person.tsx';
import classes from './usage.module.css';

/** The library of the chart is loaded when it is looked at. */
const UsageChart = lazy(() =>
  import('../../charts/usage-chart.tsx').then(({ UsageChart: component }) => ({ default: component })),
);
const CHART_HEIGHT = 360;
const LIVE_MS = 15_000;

/** The service's default period for each granularity. */
const PERIODS = [
  { value: 'minute', label: 'Hour' },
  { value: 'hour', label: '24 hours' },
  { value: 'day', label: '30 days' },
];

/** Who uses the API, and what is denied? */
export function UsagePage() {
  const [granularity, setGranularity] = useState<Granularity>('hour');
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', granularity],
    queryFn: () => latchkey.workspaces.usage({ granularity }),
    refetchInterval: LIVE_MS,
  });
  const isUnused = data?.usage.every(
    ({ allowed, denied }) => allowed === 0 && Object.keys(denied).length === 0,
  );
  const period = (
    <SegmentedControl
      aria-label="Period"
      data={PERIODS}
      value={granularity}
      onChange={(value) => setGranularity(value as Granularity)}
    />
  );
  return (
    <Page title="Usage" actions={period}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <div style={{ minHeight: CHART_HEIGHT }}>
        {isUnused && <p className={classes.muted}>No key was used in this period.</p>}
        {data && !isUnused && (
          <Suspense>
            <UsageChart points={data.usage} granularity={granularity} />
          </Suspense>
        )}
      </div>
      {data && !isUnused && <Tops keys={data.keys} denials={data.denials} />}
    </Page>
  );
}

type Usage = Awaited<ReturnType<typeof latchkey.workspaces.usage>>;

/** The keys with the most requests, and with the most denials. */
function Tops({ keys, denials }: Pick<Usage, 'keys' | 'denials'>) {
  return (
    <div className={classes.tops}>
      <section>
        <h2>Most used keys</h2>
        <ul>
          {keys.map(({ id, name, allowed, denied }) => (
            <li key={id}>
              <KeyLink id={id} name={name} />
              <span>
                {count(allowed)} allowed, {count(sumOf(denied))} denied
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Most denials</h2>
        {denials.length === 0 && <p className={classes.muted}>No request was denied in this period.</p>}
        <ul>
          {denials.map(({ id, name, code, count: denied }) => (
            <li key={id + code}>
              <KeyLink id={id} name={name} />
              <span>
                {words(code)}: {count(denied)}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** `Key expired` of `KEY_EXPIRED`. */
const words = (code: string): string => code.slice(0, 1) + code.slice(1).replaceAll('_', ' ').toLowerCase();

const sumOf = (denied: Usage['keys'][number]['denied']): number =>
  Object.values(denied).reduce((sum, value) => sum + (value ?? 0), 0);

function KeyLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/keys/$keyId" params={{ keyId: id }}>
      <Name text={name} />
    </Link>
  );
}
