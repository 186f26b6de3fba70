import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { linkToken } from '../../data/passing-secrets.ts';
import { signInSearch } from '../../data/search-parameters.ts';
import { useOpenedLink } from './card.tsx';
import { LinkForm } from './link-form.tsx';
import { WaysToSignIn } from './ways-to-sign-in.tsx';

/** Opened by a sign-in link, by the provider after a sign-in, and in place of a screen that needs a session. */
export function SignInPage() {
  const { from = '/keys' } = signInSearch({ ...useSearch({ strict: false }) });
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
