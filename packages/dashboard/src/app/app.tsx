import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { connection, sessionEnd } from '../data/connection.ts';
import { createAppRouter } from './router.tsx';
import { theme } from './theme.ts';

const queryClient = createQueryClient();
const router = createAppRouter(queryClient);
/** The same key as in public/color-scheme.js. */
const colorSchemes = localStorageColorSchemeManager({ key: 'latchkey-color-scheme' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      // Mantine would insert these as styles, which the content security policy does not allow: tokens.css has them.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The client of the service retries by itself, so a query is not repeated. */
function createQueryClient(): QueryClient {
  const onSuccess = connection.noteAnswer;
  const onError = (error: unknown): void => {
    sessionEnd.noteError(error);
    connection.noteError(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError, onSuccess }),
    mutationCache: new MutationCache({ onError, onSuccess }),
    defaultOptions: {
      // A call without a network fails, and the page says so, in place of waiting for one.
      queries: { networkMode: 'always', retry: false, staleTime: 10_000, refetchOnWindowFocus: true },
      // The result of a mutation can have a secret, so none is kept.
      mutations: { networkMode: 'always', retry: false, gcTime: 0 },
    },
  });
}
