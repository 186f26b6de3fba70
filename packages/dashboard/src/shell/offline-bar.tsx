import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { connection } from '../data/connection.ts';
import { meQuery } from '../data/queries.ts';
import { IconAlertTriangle } from '../ui/icons.ts';
import { minuteText } from '../ui/time.ts';
import classes from './shell.module.css';

const RETRY_SECONDS = 10;
const SECOND_MS = 1_000;

/** Says that the service cannot be reached, from when the data are, and when the page tries again. */
export function OfflineBar() {
  const isLost = useSyncExternalStore(connection.subscribe, connection.get);
  return isLost ? <Bar /> : null;
}

function Bar() {
  const queryClient = useQueryClient();
  const [left, setLeft] = useState(RETRY_SECONDS);
  const [isTrying, setTrying] = useState(false);
  const retry = async (): Promise<void> => {
    setTrying(true);
    // One call finds out; the screen is loaded again only after it.
    const isBack = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 }).then(
      () => true,
      () => false,
    );
    if (isBack) await queryClient.invalidateQueries();
    setTrying(false);
    setLeft(RETRY_SECONDS);
  };
  useEffect(() => {
    if (isTrying) return;
    const timer = setTimeout(() => (left > 1 ? setLeft(left - 1) : void retry()), SECOND_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className={classes.offline}>
      <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
      <p>
        <span role="status">
          No connection to {location.host}. Showing data from {minuteText(connection.answeredAt())}.
        </span>{' '}
        <span aria-hidden>{isTrying ? 'Trying again.' : `Trying again in ${left} s.`}</span>
      </p>
      <Button size="compact-sm" loading={isTrying} onClick={() => void retry()}>
        Try now
      </Button>
    </div>
  );
}
