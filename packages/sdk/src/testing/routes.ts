import {
  asksAboutCredential,
  type BodyOf,
  checkApiKey,
  createApiKey,
  deleteApiKey,
  type Endpoint,
  getApiKey,
  getMe,
  listApiKeys,
  type ParamsOf,
  type QueryOf,
  type ResultOf,
  rotateApiKey,
  updateApiKey,
  verifyApiKey,
  verifyApiKeys,
} from '@latchkey/contract';
import { credentialDenial } from '@latchkey/contract/decision';
import type { TestClock } from './clock.ts';
import type { KeyStore } from './key-store.ts';
import { permissionDenied, ServiceError } from './service-error.ts';
import { instant, type Owner, presented, recordOf, type StoredKey, secretOf } from './stored-key.ts';
import type { Verification } from './verification.ts';

/** The state of the double. */
export interface State {
  readonly clock: TestClock;
  readonly owner: Owner;
  readonly keys: KeyStore;
  readonly verification: Verification;
}

interface Call<E extends Endpoint> {
  /** The key that is the credential, and its text. */
  readonly caller: StoredKey;
  readonly credential: string;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
}

/** A route of the double: takes unchecked input, as a test sends only what the client builds. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly answer: (call: Call<Endpoint>) => unknown;
}

function route<E extends Endpoint>(endpoint: E, answer: (call: Call<E>) => ResultOf<E>): Route {
  return { endpoint, answer: answer as Route['answer'] };
}

export function routesOf(state: State): Route[] {
  return [...verificationRoutes(state), ...keyRoutes(state)];
}

function verificationRoutes({ owner, keys, verification }: State): Route[] {
  return [
    route(verifyApiKey, ({ body }) => verification.verdict(body)),
    route(verifyApiKeys, ({ body: { checks } }) => {
      for (const { permissions = [] } of checks) keys.requireKnown(permissions);
      return { verdicts: checks.map((check) => verification.verdict(check)) };
    }),
    route(checkApiKey, ({ caller, credential, query: { permissions, cost } }) => {
      const asked = permissions?.split(',') ?? [];
      const verdict = verification.verdict({ key: credential, permissions: asked, cost: Number(cost ?? 1) });
      const { code, missing } = verdict;
      if (missing) throw permissionDenied(missing);
      if (code !== 'VALID') throw new ServiceError(code);
      const { name, isActive, rateLimit } = caller;
      const { workspaceId } = owner;
      const expiresAt = verdict.apiKey?.expiresAt ?? null;
      return { valid: true as const, workspaceId, name, isActive, expiresAt, rateLimit };
    }),
    route(getMe, ({ caller: { id: keyId, permissions, use } }) => ({
      caller: {
        kind: 'key' as const,
        ...owner,
        permissions: [...permissions],
        keyId,
        ...(use === 'verify' && { use }),
      },
    })),
  ];
}

function keyRoutes({ clock, owner, keys }: State): Route[] {
  const present = (key: StoredKey, secret?: string) => presented(key, owner, clock.now(), secret);
  const minted = (key: StoredKey) => ({ apiKey: present(key, secretOf(key)), key: secretOf(key) });
  return [
    route(createApiKey, ({ caller, body }) => minted(keys.create(caller, body))),
    route(listApiKeys, ({ query: { status, limit = 50, offset = 0 } }) => {
      const isListed = (key: StoredKey) =>
        status === undefined ? key.revokedAt === null : present(key).status === status;
      const found = keys.all().filter(isListed);
      const [from, size] = [Number(offset), Number(limit)];
      const page = found.slice(from, from + size).map((key) => present(key));
      const hasNext = from + size < found.length;
      const pagination = { total: found.length, limit: size, offset: from, hasNext };
      return { apiKeys: page, pagination: { ...pagination, hasPrevious: from > 0, nextCursor: null } };
    }),
    route(getApiKey, ({ params }) => ({ apiKey: present(keys.byId(params.id)) })),
    route(updateApiKey, ({ params, body }) => {
      const apiKey = present(keys.update(params.id, body));
      return { apiKey, effectiveBy: instant(clock.now()) };
    }),
    route(rotateApiKey, ({ params, body }) => ({
      ...minted(keys.rotate(params.id, body?.overlapSeconds)),
      ended: [],
    })),
    route(deleteApiKey, ({ params, body }) => {
      const apiKey = present(keys.revoke(params.id, body?.reason ?? null));
      return { apiKey, effectiveBy: instant(clock.now()), livingDescendants: 0, ended: [] };
    }),
  ];
}

/** Throws the ServiceError of a caller that may not call the endpoint. */
export function requireAccess(
  { clock, owner }: State,
  endpoint: Endpoint,
  caller: StoredKey,
  text: string,
): void {
  // Such a call verifies its own credential.
  if (asksAboutCredential(endpoint)) return;
  const denial = credentialDenial(recordOf(caller, text, owner), clock.now());
  if (denial) throw new ServiceError(denial);
  const { permission } = endpoint.access;
  if (caller.use === 'verify') {
    if (!endpoint.verifyKeys) throw new ServiceError('PERMISSION_DENIED');
  } else if (permission !== null && !caller.permissions.includes(permission))
    throw permissionDenied([permission]);
}
