import { LatchkeyConnectionError, LatchkeyError } from '@latchkey/sdk';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Icon } from './icon.tsx';
import { IconAlertTriangle } from './icons.ts';
import classes from './ui.module.css';

const SERVER_ERROR = 500;

/** What happened and what to do, in the words of the design. */
export function problemText(error: unknown): string {
  if (error instanceof LatchkeyConnectionError)
    return `No connection to ${location.host}. Nothing is known to have changed.`;
  if (!(error instanceof LatchkeyError)) return 'Something went wrong in this page. Load it again.';
  if (error.status === 429 || error.status === 503)
    return 'The service is busy. Nothing was changed. Try again in a moment.';
  if (error.status >= SERVER_ERROR)
    return `Something went wrong on our side. Nothing is known to have changed. Request id: ${error.requestId}`;
  const details = error.details.map(({ field, message }) => `${field}: ${message}`);
  return [...new Set([error.message, ...details])].join('. ').replace(/\.?$/, '.');
}

interface ProblemProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** An error where it happened. It stays until the next attempt. */
export function Problem({ error, onRetry }: ProblemProps) {
  return (
    <div role="alert" className={classes.problem}>
      <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
      <p>{problemText(error)}</p>
      {onRetry && (
        <Button size="compact-sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

interface NoticeProps {
  /** `warn`: something needs attention; `bad`: something ends or has ended; left out: neither. */
  readonly tone?: 'warn' | 'bad';
  readonly icon?: Icon;
  readonly children: ReactNode;
}

/** A paragraph on a coloured ground, about the content after it. */
export function Notice({ tone, icon: Icon, children }: NoticeProps) {
  return (
    <p className={classes.notice} data-tone={tone}>
      {Icon && <Icon size={16} stroke={1.75} aria-hidden />}
      <span>{children}</span>
    </p>
  );
}
