import type { Permission } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { collectPermissions, omitUndefined, parseCount, parseTimeAhead } from '../../arguments.ts';
import { type ConnectionOptions, withConnection } from '../../connection.ts';

export interface ExpiryOptions {
  readonly expiresAt?: string;
  /** In milliseconds. */
  readonly expiresIn?: number;
}

/** Adds the options of ExpiryOptions; the caller may give at most one of them. */
export function withExpiry(command: Command): Command {
  return command
    .option('--expires-at <instant>', 'when the key expires, such as 2027-01-31T12:00:00Z or 2027-01-31')
    .addOption(
      new Option(
        '--expires-in <time>',
        'when the key expires, from now: a number and m, h, d or w, such as 30d',
      )
        .argParser(parseTimeAhead)
        .conflicts('expiresAt'),
    );
}

/** The expiry in RFC 3339; undefined if neither option was given. */
export function expiryOf({ expiresAt, expiresIn }: ExpiryOptions): string | undefined {
  return expiresIn === undefined ? expiresAt : new Date(Date.now() + expiresIn).toISOString();
}

/** The options of a command that asks whether a key may make a call. */
export interface QuestionOptions extends ConnectionOptions {
  readonly permissions?: Permission[];
  /** 1 by default. */
  readonly cost?: number;
}

/** Adds QuestionOptions. */
export function withQuestion(command: Command): Command {
  return withConnection(
    command
      .option(
        '--permissions <list>',
        'the permissions that the call needs, such as calls:read,calls:write',
        collectPermissions,
      )
      .option(
        '--cost <count>',
        'the quota that the call takes if the key is valid; 1 by default',
        parseCount,
      ),
  );
}

/** The option of every command that can revoke or disable keys. */
export const FORCE_OPTION = [
  '--force',
  'also if no active key could then create keys: after that, only `latchkey recover` on the machine of the service gives you access',
] as const;

type Limit = number | 'none';

export interface LimitOptions {
  readonly perMinute?: Limit;
  readonly perDay?: Limit;
}

/** The limits as a request field; undefined if no limit option was given. */
export function rateLimitOf({ perMinute, perDay }: LimitOptions) {
  if (perMinute === undefined && perDay === undefined) return undefined;
  return omitUndefined({ requestsPerMinute: limitOf(perMinute), requestsPerDay: limitOf(perDay) });
}

function limitOf(limit: Limit | undefined): number | null | undefined {
  return limit === 'none' ? null : limit;
}
