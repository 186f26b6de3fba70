import type { InstanceBody, SystemBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { IconAlertTriangle, IconCheck } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import { Ago } from '../../ui/time-text.tsx';
import classes from './system.module.css';

const LIVE_MS = 10_000;

/** Is it healthy, on every instance? */
export function SystemPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['system'],
    queryFn: async () => {
      const [{ system }, { instances }] = await Promise.all([latchkey.system(), latchkey.instances()]);
      return { system, instances };
    },
    refetchInterval: LIVE_MS,
  });
  return (
    <Page title="System">
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} height={48} />}
      {data && <State {...data} />}
    </Page>
  );
}

function State({ system, instances }: { system: SystemBody; instances: InstanceBody[] }) {
  const { problems } = system;
  const isHealthy = problems.length === 0;
  const isAlone = instances.length === 1;
  const all = isAlone ? 'The instance is' : `All ${instances.length} instances are`;
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
            {!isAlone && (
              <>
                <th>Last heartbeat</th>
                <th>Lag</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {instances.map(({ id, version, startedAt, heartbeatAt, lagMs }) => (
            <tr key={id}>
              <td>
                <code>{id}</code>
              </td>
              <td>{version}</td>
              <td>
                <Ago at={startedAt} />
              </td>
              {!isAlone && (
                <>
                  <td>
                    <Ago at={heartbeatAt} />
                  </td>
                  <td>{lagMs} ms</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.hint}>
        On the machine of the service, <code>latchkey system</code> also shows the machine of each instance,
        its keys in memory and its last error.
      </p>
    </>
  );
}
