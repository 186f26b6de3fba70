import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { linkToken } from '../../data/link-token.ts';
import { LinkForm } from './link-form.tsx';
import { useOpenedLink } from './use-opened-link.ts';
import { WaysToSignIn } from './ways-to-sign-in.tsx';

/** Opened by a sign-in link, by the provider after a sign-in, and in place of a screen that needs a session. */
export function SignInPage() {
  const { from = '/keys' } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [hasLink, setHasLink] = useState(linkToken.get() !== '');
  const [failure, setFailure] = useState<unknown>(null);

  const begin = useCallback(() => {
    setFailure(null);
    setHasLink(true);
  }, []);
  useOpenedLink(begin);
  const enter = (): void => void navigate({ to: from, replace: true });
  const leave = (error: unknown): void => {
    linkToken.drop();
    setFailure(error);
    setHasLink(false);
  };
  if (hasLink) return <LinkForm onSignedIn={enter} onFailed={leave} />;
  return <WaysToSignIn failure={failure} onSignedIn={enter} />;
}
