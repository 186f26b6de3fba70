import { DEMANDED_PERMISSIONS, type Permission } from '@latchkey/contract';

/** 90 days. */
const FIRST_KEY_LIFE_MS = 7_776_000_000;

/** The results of the setup of a new service. */
interface Founded {
  readonly workspaceId: string;
  readonly userId: string;
  readonly secret: string;
}

/** The values that only the first start can show. */
export interface FirstStart extends Founded {
  /** Signs the owner in, once. */
  readonly signInUrl: string;
  /** The permission of the key in the example call. */
  readonly permission: Permission;
}

/** The lines that are printed when the service listens; `founded` only on its first start. */
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
    "The owner's key is shown only once. Store it now.",
  ];
}

/** The example call of the README, with real values, ready to paste into a shell. */
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
 * The permission of the example: `calls:read` if the catalogue has it, otherwise the first permission that the operator
 * defined, otherwise `api-keys:read`, which every catalogue has.
 */
export function examplePermission(catalogue: readonly Permission[]): Permission {
  if (catalogue.includes('calls:read')) return 'calls:read';
  const required: readonly Permission[] = DEMANDED_PERMISSIONS;
  return catalogue.find((permission) => !required.includes(permission)) ?? 'api-keys:read';
}
