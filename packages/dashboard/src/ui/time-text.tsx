import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { agoText, useNow, utcText, zonedText } from './time.ts';
import classes from './ui.module.css';

interface TimeProps {
  /** RFC 3339. */
  readonly at: string;
  readonly children: ReactNode;
}

/** A time whose exact value is shown on hover and focus, in the reader's zone and in UTC. */
export function Time({ at, children }: TimeProps) {
  const instant = Date.parse(at);
  const label = (
    <>
      {zonedText(instant)}
      <br />
      {utcText(instant)}
    </>
  );
  return (
    <Tooltip label={label}>
      <time dateTime={at} className={classes.time}>
        {children}
      </time>
    </Tooltip>
  );
}

interface AgoProps {
  readonly at: string | null;
  /** Relative for up to a year, in place of 30 days. */
  readonly isLong?: boolean;
}

/** How long ago; `Never` for null. */
export function Ago({ at, isLong = false }: AgoProps) {
  const now = useNow();
  if (at === null) return <span className={classes.muted}>Never</span>;
  return <Time at={at}>{agoText(Date.parse(at), now, isLong)}</Time>;
}
