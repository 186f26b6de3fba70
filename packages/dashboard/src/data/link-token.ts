let token = '';

/**
 * The token of a sign-in link or an invitation, which is in the fragment of the URL. It is kept in memory alone: `take`
 * removes it from the URL and from the history of a shared computer.
 */
export const linkToken = {
  /** Called before the router reads the URL. */
  take(): void {
    const fragment = location.hash.slice(1);
    if (fragment === '') return;
    token = fragment;
    history.replaceState(null, '', location.pathname + location.search);
  },
  /** Empty if there is none. */
  get: (): string => token,
  drop(): void {
    token = '';
  },
};
