import type { SystemBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { IconAlertTriangle, IconCheck } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { plural } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Ago } from '../../ui/time-text.tsx';
import classes from './system.module.css';

const LIVE_MS = 10_000;

/** Is it healthy, on every instance? */
export function SystemPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['system'],
    queryFn: async () => (await latchkey.system()).system,
    refetchInterval: LIVE_MS,
  });
  return (
    <Page title="System">
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} height={48} />}
      {data && <State system={data} />}
    </Page>
  );
}

function State({ system }: { system: SystemBody }) {
  const { problems, instances, instanceCount } = system;
  const isHealthy = problems.length === 0;
  const all = instanceCount === 1 ? 'The instance is' : `All ${instanceCount} instances are`;
  return (
    <>
      <p className={classes.state} data-healthy={isHealthy}>
        {isHealthy ? (
          <IconCheck size={17} stroke={2} aria-hidden />
        ) : (
          <IconAlertTriangle size={17} stroke={1.75} aria-hidden />
        )}
        {isHealthy
          ? `${all} healthy.`
          : `${plural(problems.length, 'thing does', 'things do')} not work now.`}
      </p>
      <ul className={classes.problems}>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>Instance</th>
            <th>Version</th>
            <th>Started</th>
          </tr>
        </thead>
        <tbody>
          {instances.map(({ id, version, startedAt }) => (
            <tr key={id}>
              <td>
                <code>{id}</code>
              </td>
              <td>{version}</td>
              <td>
                <Ago at={startedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.hint}>
        On the machine of the service, <code>latchkey system</code> also shows the keys in memory, their lag
        and the last error.
      </p>
    </>
  );
}
