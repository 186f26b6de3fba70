import { type AuditEventType, isPermissionName, type Permission } from '@latchkey/contract';
import { InvalidArgumentError } from 'commander';

/*
 * Parsers for arguments and option values. They throw InvalidArgumentError, which ends the run with exit code 2. The
 * service validates what depends on its data (names, dates, limits).
 */

/** The format of an id. It has no slash or dot, so that it cannot change the path of the request. */
export function parseId(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('It is not an id, such as key_01kat3g7y8….');
}

export function collectIds(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, parseId(text)];
}

/** A comma-separated list; the option may be repeated. */
export function collectPermissions(text: string, earlier: readonly Permission[] = []): Permission[] {
  return [...earlier, ...text.split(',').map(parsePermission)];
}

/** A comma-separated list of event types; the option may be repeated. */
export function collectEvents(text: string, earlier: readonly AuditEventType[] = []): AuditEventType[] {
  return [...earlier, ...text.split(',').map((type) => type.trim() as AuditEventType)];
}

export function parsePermission(text: string): Permission {
  const name = text.trim();
  if (isPermissionName(name)) return name;
  throw new InvalidArgumentError(
    `"${name}" is not a permission, such as calls:read; latchkey permissions lists them.`,
  );
}

export function parseCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number.');
}

export function parseCountOrNone(text: string): number | 'none' {
  return text === 'none' ? text : parseCount(text);
}

/** A duration in milliseconds, more than 0. */
export function parseTimeAhead(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError('Give a number and m, h, d or w, such as 30d.');
}

/** A duration in seconds; may be 0. */
export function parseOverlap(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms / 1_000;
  throw new InvalidArgumentError('Give 0, or a number and m, h, d or w, such as 24h.');
}

export interface Place {
  readonly sequence: number;
  readonly hash: string;
}

/** The number and hash of an audit log entry, as `latchkey audit anchor` prints them. */
export function parsePlace(text: string): Place {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new InvalidArgumentError('Give it as latchkey audit anchor printed it, number:hash.');
}

/** The name of a stored profile. */
export function parseProfileName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('It is not the name of a profile, such as production.');
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Parses `90m`, `24h`, `30d`, `2w` or `0` to milliseconds. Null for any other text. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return unitMs === undefined ? null : Number(count) * unitMs;
}

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Removes undefined fields, so that options that were left out are also left out of the request. */
export function omitUndefined<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>;
}
