import { LatchkeyError } from '@latchkey/sdk';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { sessionEnd } from '../../data/connection.ts';
import { linkToken } from '../../data/passing-secrets.ts';
import { meQuery } from '../../data/queries.ts';
import { Problem, problemText } from '../../ui/notices.tsx';
import { Card, useOpenedLink } from './card.tsx';
import classes from './sign-in.module.css';

const NAME_MAX = 100;

/** Opened by the link of an invitation. Accepting makes a member, and signs this browser in. */
export function AcceptPage() {
  const [joined, setJoined] = useState<{ roleName: string; mayCreate: boolean } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [link, countLink] = useState(0);
  const begin = useCallback(() => {
    setJoined(null);
    setFailure(null);
    countLink((count) => count + 1);
  }, []);
  useOpenedLink(begin);
  if (joined) return <Joined {...joined} />;
  if (failure !== null) return <Failed message={failure} />;
  if (linkToken.get() === '')
    return <Failed message="The link is incomplete. Open the complete link from your invitation." />;
  return <AcceptForm key={link} onJoined={setJoined} onFailed={(error) => setFailure(problemText(error))} />;
}

interface AcceptFormProps {
  readonly onJoined: (joined: { roleName: string; mayCreate: boolean }) => void;
  /** The invitation can no longer be accepted. */
  readonly onFailed: (error: unknown) => void;
}

function AcceptForm({ onJoined, onFailed }: AcceptFormProps) {
  const [name, setName] = useState('');
  const queryClient = useQueryClient();
  const accept = useMutation({
    async mutationFn() {
      const displayName = name.trim();
      const { member } = await latchkey.invitations.accept({
        token: linkToken.get(),
        ...(displayName !== '' && { displayName }),
      });
      linkToken.drop();
      queryClient.clear();
      sessionEnd.reset();
      // Without this answer, the page still leads to the form of a new key.
      const me = await queryClient.fetchQuery(meQuery).catch(() => null);
      return { roleName: member.roleName, mayCreate: me?.permissions.includes('api-keys:write') ?? true };
    },
    onSuccess: onJoined,
    onError(error) {
      const canTryAgain = !(error instanceof LatchkeyError) || error.retryable || error.status === 400;
      if (!canTryAgain || linkToken.get() === '') onFailed(error);
    },
  });
  return (
    <Card title="Accept your invitation">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate();
        }}
      >
        <p>
          Accept only if the invitation was made for you. It can be accepted once, and signs you in with this
          browser.
        </p>
        <TextInput
          label="Your name in this workspace"
          autoComplete="name"
          maxLength={NAME_MAX}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {accept.error && <Problem error={accept.error} />}
        <Button type="submit" variant="filled" fullWidth loading={accept.isPending}>
          Accept the invitation
        </Button>
      </form>
    </Card>
  );
}

function Failed({ message }: { message: string }) {
  return (
    <Card title="This link does not work">
      <p role="alert" className={classes.alert}>
        {message}
      </p>
      <p>If you accepted the invitation before, sign in.</p>
      <Button component={Link} to="/sign-in" variant="filled" fullWidth>
        Sign in
      </Button>
    </Card>
  );
}

function Joined({ roleName, mayCreate }: { roleName: string; mayCreate: boolean }) {
  return (
    <Card title="Invitation accepted">
      <p role="status">
        You are a member now, as <bdi>{roleName}</bdi>. You are signed in.
      </p>
      {mayCreate ? (
        <Button
          renderRoot={(props) => <Link {...props} to="/keys/new" search={{ preset: 'read' }} />}
          variant="filled"
          fullWidth
        >
          Create an API key
        </Button>
      ) : (
        <p>Your role does not allow you to create keys. Ask an owner of the workspace if you need one.</p>
      )}
      <Button component={Link} to="/keys" fullWidth>
        Show the keys
      </Button>
    </Card>
  );
}
