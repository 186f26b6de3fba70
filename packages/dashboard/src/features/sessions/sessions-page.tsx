import type { SessionBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { IconDeviceDesktop } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem, problemText } from '../../ui/notices.tsx';
import { Page } from '../../ui/page.tsx';
import { dateTimeText } from '../../ui/time.ts';
import { Ago, Time } from '../../ui/time-text.tsx';
import classes from './sessions.module.css';

const SESSIONS = ['sessions'] as const;

/** Where am I signed in? */
export function SessionsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: SESSIONS,
    queryFn: async () => (await latchkey.sessions.list()).sessions,
  });
  const sorted = data?.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent)) ?? [];
  const others = sorted.filter(({ isCurrent }) => !isCurrent);
  return (
    <Page title="Sessions" actions={others.length > 0 && <EndOthers sessions={others} />}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} height={64} />}
      <ul className={classes.list}>
        {sorted.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
    </Page>
  );
}

/** Ends sessions, and shows those that are left. */
function useEnd() {
  const queryClient = useQueryClient();
  return useMutation({
    async mutationFn(sessions: readonly SessionBody[]) {
      for (const { id } of sessions) await latchkey.sessions.end(id);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: SESSIONS }),
  });
}

function EndOthers({ sessions }: { sessions: readonly SessionBody[] }) {
  const end = useEnd();
  return (
    <>
      {end.error && <Problem error={end.error} />}
      <Button loading={end.isPending} onClick={() => end.mutate(sessions)}>
        Sign out everywhere else
      </Button>
    </>
  );
}

function Row({ session }: { session: SessionBody }) {
  const end = useEnd();
  const { agent, address, createdAt, lastSeenAt, isCurrent } = session;
  return (
    <li className={classes.row}>
      <IconDeviceDesktop size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <b>
          {deviceOf(agent)} {isCurrent && <small>This session</small>}
        </b>
        <p>
          {address ?? 'Unknown address'} · opened{' '}
          <Time at={createdAt}>{dateTimeText(Date.parse(createdAt))}</Time> · last seen{' '}
          <Ago at={lastSeenAt} />
        </p>
        {end.error && <p role="alert">{problemText(end.error)}</p>}
      </div>
      {!isCurrent && (
        <Button loading={end.isPending} onClick={() => end.mutate([session])}>
          Sign out
        </Button>
      )}
    </li>
  );
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** A User-Agent in words: `Firefox on macOS`. */
function deviceOf(agent: string | null): string {
  const nameIn = (names: typeof BROWSERS) => names.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
  const system = nameIn(SYSTEMS);
  return `${nameIn(BROWSERS) ?? 'Unknown browser'}${system ? ` on ${system}` : ''}`;
}
