import { LatchkeyError } from '@latchkey/sdk';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { sessionEnd } from '../../data/connection.ts';
import { linkToken } from '../../data/passing-secrets.ts';
import { Problem } from '../../ui/notices.tsx';
import { Card } from './card.tsx';

interface LinkFormProps {
  readonly onSignedIn: () => void;
  /** The link no longer works. */
  readonly onFailed: (error: unknown) => void;
}

/** Uses a sign-in link at a press of the button and not before: programs that preview links would use it up. */
export function LinkForm({ onSignedIn, onFailed }: LinkFormProps) {
  const queryClient = useQueryClient();
  const signIn = useMutation({
    mutationFn: () => latchkey.sessions.open(linkToken.get()),
    onSuccess() {
      linkToken.drop();
      queryClient.clear();
      sessionEnd.reset();
      onSignedIn();
    },
    onError(error) {
      // The link may still work only if no answer arrived, or if the service was busy.
      if (error instanceof LatchkeyError && !error.retryable) onFailed(error);
    },
  });
  return (
    <Card title="Sign in">
      <p>This link signs you in. It works once, for 15 minutes. Continue only if it was made for you.</p>
      {signIn.error && <Problem error={signIn.error} />}
      <Button variant="filled" fullWidth loading={signIn.isPending} onClick={() => signIn.mutate()}>
        Sign in
      </Button>
    </Card>
  );
}
