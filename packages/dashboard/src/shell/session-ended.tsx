import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { sessionEnd } from '../data/connection.ts';
import { meQuery } from '../data/queries.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/notices.tsx';

/** Covers the page when its session has ended. The page and its typed text stay: the sign-in opens in another tab. */
export function SessionEnded() {
  const hasEnded = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.get);
  return hasEnded ? <SignInAgain /> : null;
}

function SignInAgain() {
  const queryClient = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const goOn = async (): Promise<void> => {
    try {
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      sessionEnd.reset();
      await queryClient.invalidateQueries();
    } catch (problem) {
      setError(problem);
    }
  };
  const footer = (
    <>
      <Button component="a" href="/sign-in" target="_blank" variant="filled">
        Sign in again
      </Button>
      <Button onClick={() => void goOn()}>Continue here</Button>
    </>
  );
  return (
    <Dialog title="Your session has ended" width={480} footer={footer}>
      <p>
        Sessions end after 30 minutes without activity and after 12 hours. Sign in again to continue: this
        page stays as it is.
      </p>
      {error !== null && <Problem error={error} />}
    </Dialog>
  );
}
