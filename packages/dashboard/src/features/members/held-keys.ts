import { useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';

const SHOWN = 100;

/** The active keys of a member, and how many there are. */
export function useHeldKeys(userId: string) {
  return useQuery({
    queryKey: [...KEYS, 'of', userId],
    queryFn: () => latchkey.keys.list({ userId, status: 'active', limit: SHOWN }),
  });
}
