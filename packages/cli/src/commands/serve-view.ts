/** What a service was founded with. */
interface Founded {
  readonly workspaceId: string;
  readonly userId: string;
  readonly secret: string;
}

/** What only the first start can show. */
export interface FirstStart extends Founded {
  /** Lets the owner in, once. */
  readonly signInUrl: string;
}

/** What is said once the service answers; `founded` on its first start only. */
export function readyLines(url: string, founded: FirstStart | null): string[] {
  const ready = `Latchkey is listening on ${url}`;
  if (!founded) return [ready];
  const signIn = ['Sign in to your browser, once, within 15 minutes:', '', founded.signInUrl];
  return [ready, '', ...foundingLines(founded), '', ...signIn, '', ...firstKeyLines(url, founded)];
}

export function foundingLines({ workspaceId, userId, secret }: Founded): string[] {
  return [
    `  Workspace    ${workspaceId}`,
    `  Owner        ${userId}`,
    `  Owner's key  ${secret}`,
    '',
    "The owner's key is shown this once. Store it now.",
  ];
}

/** A call that can be pasted into a shell as it stands. */
function firstKeyLines(url: string, { userId, secret }: Founded): string[] {
  return [
    'Create your first API key:',
    '',
    `curl -X POST '${url}/api/v2/api-keys' \\`,
    `  -H 'Authorization: Bearer ${secret}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify({ name: 'My first key', userId })}'`,
  ];
}
