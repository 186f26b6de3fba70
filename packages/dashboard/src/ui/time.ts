import { useSyncExternalStore } from 'react';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY_MS = 24 * HOUR;
/** Relative times change together, so that a table does not flicker. */
const TICK_MS = 10 * SECOND;
const RELATIVE_DAYS = 30;
const YEAR_DAYS = 365;

/** The reader's time zone as its city, such as "Madrid"; "UTC" if the browser reports none. */
export const ZONE_NAME =
  Intl.DateTimeFormat().resolvedOptions().timeZone?.split('/').at(-1)?.replaceAll('_', ' ') ?? 'UTC';

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const SHORT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const FULL = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTES = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const dateText = (at: number): string => DATE.format(at);
export const dateTimeText = (at: number): string => FULL.format(at);
export const shortTimeText = (at: number): string => SHORT.format(at);
export const clockText = (at: number): string => CLOCK.format(at);
export const minuteText = (at: number): string => MINUTES.format(at);

/** The time in the reader's zone and in UTC: `26 Nov 2026, 16:42 in Madrid (15:42 UTC)`; once if the zone is UTC. */
export function minuteInZones(at: number): string {
  if (ZONE_NAME === 'UTC') return `${dateTimeText(at)} UTC`;
  return `${dateTimeText(at)} in ${ZONE_NAME} (${new Date(at).toISOString().slice(11, 16)} UTC)`;
}

/** The time in the reader's zone, with the name of the zone: `26 Nov 2026, 16:42:07 Madrid`. */
export const zonedText = (at: number): string => `${DATE.format(at)}, ${CLOCK.format(at)} ${ZONE_NAME}`;
/** The exact time without milliseconds: `2026-11-26T15:42:07Z`. */
export const utcText = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** `Today, 26 November`, `Yesterday, 25 November`, `Tuesday, 24 November`. */
export function dayText(at: number, now: number): string {
  const day = DAY.format(at);
  const [weekday = '', rest = ''] = day.split(/, | (?=\d)/);
  const named = (name: string) => `${name}, ${rest}`;
  if (day === DAY.format(now)) return named('Today');
  if (day === DAY.format(now - DAY_MS)) return named('Yesterday');
  return named(weekday);
}

/** `4 s ago`, `2 min ago`, `9 h ago`, `3 d ago`; a date after 30 days, or after a year for `isLong`. */
export function agoText(at: number, now: number, isLong = false): string {
  const passed = Math.max(0, now - at);
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY_MS) return `${Math.floor(passed / HOUR)} h ago`;
  const days = Math.floor(passed / DAY_MS);
  return days <= (isLong ? YEAR_DAYS : RELATIVE_DAYS) ? `${days} d ago` : dateText(at);
}

/** The time left: `21 h 38 min`, `6 days`, `less than a minute`. */
export function leftText(ms: number): string {
  if (ms < MINUTE) return 'less than a minute';
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes} min`;
}

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in milliseconds, which advances every 10 seconds for all components at once. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
