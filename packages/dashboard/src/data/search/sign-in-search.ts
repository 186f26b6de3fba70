export interface SignInSearch {
  /** The path to go to after the sign-in. */
  readonly from?: string;
}

/** Accepts only a path of this page, never another origin. */
export function signInSearch(given: Record<string, unknown>): SignInSearch {
  const from = String(given.from ?? '');
  return /^\/(?![/\\])/.test(from) ? { from } : {};
}
