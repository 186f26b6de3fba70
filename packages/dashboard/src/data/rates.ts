import { BULK_ITEMS_MAX } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { latchkey } from './client.ts';
import { KEYS } from './queries.ts';

const LIVE_MS = 15_000;

type Rates = Awaited<ReturnType<typeof latchkey.keys.rates>>['rates'];

/** How often each key was allowed and denied recently, by its id; empty until it is loaded. */
export function useRates(ids: readonly string[]): ReadonlyMap<string, Rates[number]> {
  const { data = [] } = useQuery({
    queryKey: [...KEYS, 'rates', ids],
    enabled: ids.length > 0,
    refetchInterval: LIVE_MS,
    async queryFn() {
      const rates: Rates = [];
      for (let first = 0; first < ids.length; first += BULK_ITEMS_MAX)
        rates.push(...(await latchkey.keys.rates(ids.slice(first, first + BULK_ITEMS_MAX))).rates);
      return rates;
    },
  });
  return new Map(data.map((rate) => [rate.id, rate]));
}

/** The requests in words: `53 in the last 5 minutes`, `1,204 in the last hour`; null: there were none. */
export function rateText(rate: Rates[number] | undefined): string | null {
  if (!rate) return null;
  const recent = rate.lastFiveMinutes.allowed;
  const hour = rate.lastHour.allowed;
  if (recent > 0) return `${requests(recent)} in the last 5 minutes`;
  return hour > 0 ? `${requests(hour)} in the last hour` : null;
}

const requests = (value: number): string =>
  `${value.toLocaleString('en')} ${value === 1 ? 'request' : 'requests'}`;
