import { type Command, Option } from 'commander';
import { parseTimeAhead } from '../arguments.ts';
import { given } from '../given.ts';

export interface ExpiryOptions {
  readonly expiresAt?: string;
  /** Milliseconds. */
  readonly expiresIn?: number;
}

/** Adds the options of ExpiryOptions, of which at most one may be given. */
export function withExpiry(command: Command): Command {
  return command
    .option('--expires-at <instant>', 'when the key ends, such as 2027-01-31T12:00:00Z or 2027-01-31')
    .addOption(
      new Option('--expires-in <time>', 'how long the key lives: a number and m, h, d or w, such as 30d')
        .argParser(parseTimeAhead)
        .conflicts('expiresAt'),
    );
}

/** RFC 3339; undefined where neither was given. */
export function expiryOf({ expiresAt, expiresIn }: ExpiryOptions): string | undefined {
  return expiresIn === undefined ? expiresAt : new Date(Date.now() + expiresIn).toISOString();
}

/** Of every command that can end keys. */
export const FORCE_OPTION = [
  '--force',
  'also if no active key could make keys then: only `latchkey recover` on the machine of the service lets you in again',
] as const;

type Limit = number | 'none';

export interface LimitOptions {
  readonly perMinute?: Limit;
  readonly perDay?: Limit;
}

/** The limits in the words of the contract; undefined where none was given. */
export function rateLimitOf({ perMinute, perDay }: LimitOptions) {
  if (perMinute === undefined && perDay === undefined) return undefined;
  return given({ requestsPerMinute: limitOf(perMinute), requestsPerDay: limitOf(perDay) });
}

function limitOf(limit: Limit | undefined): number | null | undefined {
  return limit === 'none' ? null : limit;
}
