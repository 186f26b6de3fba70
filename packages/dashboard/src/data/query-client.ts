import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { sessionEnd } from './session-end.ts';

/** The client of the service retries by itself, so a query is not repeated. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown): void => sessionEnd.noteError(error);
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: true },
      // The result of a mutation can have a secret, so none is kept.
      mutations: { retry: false, gcTime: 0 },
    },
  });
}
