import { useEffect } from 'react';
import { linkToken } from '../../data/link-token.ts';

/** Takes the token of a second link that is opened in this tab: it changes only the fragment of the URL. */
export function useOpenedLink(onOpened: () => void): void {
  useEffect(() => {
    const take = (): void => {
      if (location.hash === '') return;
      linkToken.take();
      onOpened();
    };
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, [onOpened]);
}
