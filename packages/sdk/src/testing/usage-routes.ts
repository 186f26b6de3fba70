import {
  type CountedDenialCode,
  getApiKeyUsage,
  getWorkspaceUsage,
  listApiKeyRates,
  type QueryOf,
  TOP_KEYS_DEFAULT,
  USAGE_POINTS_DEFAULT,
} from '@latchkey/contract';
import { hintOf } from '@latchkey/contract/key-format';
import { currentMinute, SPAN_MS, within } from './past-verdicts.ts';
import { type Route, route, type State } from './routes.ts';
import { instant, type PastVerdict, type StoredKey, secretOf } from './stored-key.ts';

interface Counts {
  readonly allowed: number;
  readonly denied: Partial<Record<CountedDenialCode, number>>;
}

export function usageRoutes({ clock, owner, keys }: State): Route[] {
  return [
    route(listApiKeyRates, ({ body: { ids } }) => {
      const { until } = currentMinute(clock.now());
      const calls = ({ verdicts }: StoredKey, minutes: number) => {
        const { allowed, denied } = countsOf(within(verdicts, until - minutes * SPAN_MS.minute, until));
        return { allowed, denied: sum(denied) };
      };
      const found = ids.flatMap((id) => keys.all().filter((key) => key.id === id));
      return {
        rates: found.map((key) => ({ id: key.id, lastHour: calls(key, 60), lastFiveMinutes: calls(key, 5) })),
      };
    }),
    route(
      getApiKeyUsage,
      ({ params, query }) => ({
        usage: pointsOf(keys.byId(params.id).verdicts, periodOf(query, clock.now())),
      }),
      ['granularity'],
    ),
    route(
      getWorkspaceUsage,
      ({ query }) => {
        const period = periodOf(query, clock.now());
        const most = Number(query.limit ?? TOP_KEYS_DEFAULT);
        const all = keys.all();
        const counted = all.map((key) => {
          const counts = countsOf(within(key.verdicts, period.from, period.until));
          const { id, name } = key;
          return { key: { id, key: hintOf(secretOf(key)), name, userId: owner.userId }, counts };
        });
        const used = counted
          .map(({ key, counts }) => ({ ...key, ...counts }))
          .filter(({ allowed, denied }) => allowed + sum(denied) > 0);
        const denials = counted.flatMap(({ key, counts }) =>
          (Object.entries(counts.denied) as [CountedDenialCode, number][]).map(([code, count]) => ({
            ...key,
            code,
            count,
          })),
        );
        return {
          usage: pointsOf(
            all.flatMap(({ verdicts }) => verdicts),
            period,
          ),
          keys: used
            .sort((one, other) => other.allowed + sum(other.denied) - one.allowed - sum(one.denied))
            .slice(0, most),
          denials: denials.sort((one, other) => other.count - one.count).slice(0, most),
        };
      },
      ['granularity', 'limit'],
    ),
  ];
}

/** The default period of the service, which ends with the current span. */
function periodOf({ granularity = 'hour' }: QueryOf<typeof getApiKeyUsage>, now: number) {
  const span = SPAN_MS[granularity];
  const until = now - (now % span) + span;
  return { span, from: until - USAGE_POINTS_DEFAULT[granularity] * span, until };
}

function pointsOf(verdicts: readonly PastVerdict[], { span, from, until }: ReturnType<typeof periodOf>) {
  return Array.from({ length: (until - from) / span }, (_, index) => {
    const at = from + index * span;
    return { at: instant(at), ...countsOf(within(verdicts, at, at + span)) };
  });
}

function countsOf(verdicts: readonly PastVerdict[]): Counts {
  const denied: Counts['denied'] = {};
  let allowed = 0;
  for (const { code } of verdicts) {
    if (code === 'VALID') allowed += 1;
    // The verdict KEY_INVALID belongs to no key.
    else if (code !== 'KEY_INVALID') denied[code] = (denied[code] ?? 0) + 1;
  }
  return { allowed, denied };
}

function sum(denied: Counts['denied']): number {
  return Object.values(denied).reduce((total, count) => total + count, 0);
}
