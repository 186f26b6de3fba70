import { DEMANDED_PERMISSIONS, type Permission } from '@latchkey/contract';

/** 90 days. */
const FIRST_KEY_LIFE_MS = 7_776_000_000;

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
  /** What the key of the example call may do. */
  readonly permission: Permission;
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

/** A call that can be pasted into a shell, as the README shows it. */
function firstKeyLines(url: string, { userId, secret, permission }: FirstStart): string[] {
  const expiresAt = new Date(Date.now() + FIRST_KEY_LIFE_MS).toISOString().slice(0, 10);
  const fields = { name: 'My first key', userId, permissions: [permission], expiresAt };
  const body = Object.entries(fields).map(([field, value]) => `"${field}": ${JSON.stringify(value)}`);
  return [
    `Create your first API key, which may do ${permission} until ${expiresAt}:`,
    '',
    `curl ${url}/api/v2/api-keys \\`,
    `  --header 'Authorization: Bearer ${secret}' \\`,
    "  --header 'Content-Type: application/json' \\",
    `  --data '{${body.join(', ')}}'`,
  ];
}

/**
 * The permission of the example: `calls:read` of the built-in list, else the first one that is the operator's own. Every
 * catalogue has `api-keys:read`.
 */
export function examplePermission(catalogue: readonly Permission[]): Permission {
  if (catalogue.includes('calls:read')) return 'calls:read';
  const required: readonly Permission[] = DEMANDED_PERMISSIONS;
  return catalogue.find((permission) => !required.includes(permission)) ?? 'api-keys:read';
}
