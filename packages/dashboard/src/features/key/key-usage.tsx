import type { ApiKeyBody, Granularity } from '@latchkey/contract';
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { UsageChart } from '../../charts/usage-chart.tsx';
import { Problem } from '../../ui/notices.tsx';
import classes from './key.module.css';
import { usageQuery } from './queries.ts';

/** The service's default period for each granularity, and its words. */
const PERIODS: readonly { value: Granularity; label: string; words: string }[] = [
  { value: 'minute', label: 'Hour', words: 'hour' },
  { value: 'hour', label: '24 hours', words: '24 hours' },
  { value: 'day', label: '30 days', words: '30 days' },
];

/** How often the key was allowed and denied. */
export function KeyUsage({ apiKey }: { apiKey: ApiKeyBody }) {
  const [granularity, setGranularity] = useState<Granularity>('hour');
  const { data, error, refetch } = useQuery(usageQuery(apiKey.id, granularity));
  const isUnused = data?.every(({ allowed, denied }) => allowed === 0 && Object.keys(denied).length === 0);
  const words = PERIODS.find(({ value }) => value === granularity)?.words;
  return (
    <section className={classes.usage}>
      <div className={classes.sectionHead}>
        <h2>Usage</h2>
        <SegmentedControl
          aria-label="Period"
          data={[...PERIODS]}
          value={granularity}
          onChange={(value) => setGranularity(value as Granularity)}
        />
      </div>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {isUnused && <p className={classes.muted}>This key was not used in the last {words}.</p>}
      {data && !isUnused && <UsageChart points={data} granularity={granularity} since={apiKey.createdAt} />}
    </section>
  );
}
