import { LatchkeyError } from '@latchkey/sdk';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { meQuery } from '../../data/queries.ts';
import { CopyButton } from '../../ui/buttons.tsx';
import { Problem } from '../../ui/notices.tsx';
import { Card } from './card.tsx';
import { MailForm } from './mail-form.tsx';
import classes from './sign-in.module.css';

const COMMAND = 'latchkey sign-in';

const { signInWays = '', signInProblem, requestId } = document.body.dataset;
const ways = signInWays.split(' ');

/** What the service says about signing in, in attributes of the page. */
const hasProvider = ways.includes('provider');
const hasMail = ways.includes('mail');

/** Why the sign-in at the provider failed, if this page is the answer to one. */
const providerProblem = signInProblem === undefined ? null : { message: signInProblem, requestId };

/** Redirects to the identity provider. */
const PROVIDER_PATH = '/sign-in/provider';

interface WaysProps {
  /** Why a link did not work. */
  readonly failure: unknown;
  readonly onSignedIn: () => void;
}

/** The provider, a mailed link, and the command; the first that the service has is the filled button. */
export function WaysToSignIn({ failure, onSignedIn }: WaysProps) {
  const me = useQuery({ ...meQuery, staleTime: 0 });
  const isSignedIn = me.isSuccess && failure === null && providerProblem === null;
  useEffect(() => {
    if (isSignedIn) onSignedIn();
  }, [isSignedIn, onSignedIn]);
  if (me.isPending || isSignedIn) return null;
  const isUnreachable = me.error !== null && !(me.error instanceof LatchkeyError && me.error.status === 401);
  const hasFirstWay = hasProvider || hasMail;
  if (me.isSuccess && failure !== null) return <StillSignedIn failure={failure} onContinue={onSignedIn} />;
  return (
    <Card title="Sign in" footer="No account here yet? Ask an owner of your workspace for an invitation.">
      <p className={classes.host}>{location.host}</p>
      {failure !== null && <FailedLink error={failure} />}
      {providerProblem && <ProviderProblem />}
      {isUnreachable && <Problem error={me.error} onRetry={() => void me.refetch()} />}
      {hasProvider && (
        <Button component="a" href={PROVIDER_PATH} variant="filled" fullWidth>
          Continue with your account
        </Button>
      )}
      {hasProvider && hasMail && <Divider text="or by e-mail" />}
      {hasMail && <MailForm isFirst={!hasProvider} />}
      {hasFirstWay && <Divider text="or with a link" />}
      <p className={classes.help}>
        Make a sign-in link where your key is, or on the machine of the service, and open it in this browser.
        It works once, for 15 minutes.
      </p>
      <p className={classes.command}>
        <code>{COMMAND}</code>
        <CopyButton text={COMMAND} label="Copy the command" />
      </p>
    </Card>
  );
}

/** A link that does not work ends no session. */
function StillSignedIn({ failure, onContinue }: { failure: unknown; onContinue: () => void }) {
  return (
    <Card title="You are signed in">
      <FailedLink error={failure} />
      <Button variant="filled" fullWidth onClick={onContinue}>
        Show the keys
      </Button>
    </Card>
  );
}

function Divider({ text }: { text: string }) {
  return <p className={classes.divider}>{text}</p>;
}

function FailedLink({ error }: { error: unknown }) {
  if (!(error instanceof LatchkeyError) || error.status !== 404) return <Problem error={error} />;
  return (
    <p role="alert" className={classes.alert}>
      This link has expired or was used. A link works once, for 15 minutes. Make a new one with{' '}
      <code>{COMMAND}</code>.
    </p>
  );
}

function ProviderProblem() {
  return (
    <>
      <p role="alert" className={classes.alert}>
        {providerProblem?.message}.
      </p>
      <p className={classes.help}>
        If this happens again, give this request id to an operator of the service:{' '}
        {providerProblem?.requestId}
      </p>
    </>
  );
}
