import {
  type ApiKeyBody,
  asksAboutCredential,
  type BodyOf,
  checkApiKey,
  createApiKey,
  type Endpoint,
  getApiKey,
  getMe,
  getSystem,
  listApiKeys,
  listGrantablePermissions,
  listInstances,
  PAGE_SIZE_DEFAULT,
  type ParamsOf,
  type QueryOf,
  type ResultOf,
  verifyApiKey,
  verifyApiKeys,
} from '@latchkey/contract';
import { credentialDenial } from '@latchkey/contract/decision';
import type { TestClock } from './clock.ts';
import type { KeyStore } from './key-store.ts';
import { presentedSecrets } from './past-verdicts.ts';
import { permissionDenied, ServiceError } from './service-error.ts';
import { instant, type Owner, presented, recordOf, type StoredKey, secretOf } from './stored-key.ts';
import type { Verification } from './verification.ts';

/** The id of the only instance. */
export const INSTANCE_ID = 'ins_test';

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
  /** The parameters in the query that the double has. */
  readonly parameters: readonly string[];
}

export function route<E extends Endpoint>(
  endpoint: E,
  answer: (call: Call<E>) => ResultOf<E>,
  parameters: readonly string[] = [],
): Route {
  return { endpoint, answer: answer as Route['answer'], parameters };
}

/** Routes for verification, new keys, and reading keys and the system. */
export function readRoutes(state: State): Route[] {
  return [...verificationRoutes(state), ...keyRoutes(state), ...systemRoutes(state)];
}

function verificationRoutes({ owner, keys, verification }: State): Route[] {
  return [
    route(verifyApiKey, ({ body }) => verification.verdict(body)),
    route(verifyApiKeys, ({ body: { checks } }) => {
      for (const { permissions = [] } of checks) keys.requireKnown(permissions);
      return { verdicts: checks.map((check) => verification.verdict(check)) };
    }),
    route(
      checkApiKey,
      ({ caller, credential, query: { permissions, cost } }) => {
        const asked = permissions?.split(',') ?? [];
        const verdict = verification.verdict({
          key: credential,
          permissions: asked,
          cost: Number(cost ?? 1),
        });
        const { code, missing } = verdict;
        if (missing) throw permissionDenied(missing);
        if (code !== 'VALID') throw new ServiceError(code);
        const { name, isActive, rateLimit } = caller;
        const { workspaceId } = owner;
        const expiresAt = verdict.apiKey?.expiresAt ?? null;
        return { valid: true as const, workspaceId, name, isActive, expiresAt, rateLimit };
      },
      ['permissions', 'cost'],
    ),
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

function keyRoutes(state: State): Route[] {
  const { clock, owner, keys } = state;
  const present = (key: StoredKey) => presented(key, owner, clock.now());
  return [
    route(createApiKey, ({ caller, body }) => minted(state, keys.create(caller, body))),
    route(
      listApiKeys,
      ({ caller, query }) => {
        const { limit = PAGE_SIZE_DEFAULT, offset = 0, cursor, ...filter } = query;
        if (filter.userId !== undefined && filter.userId !== owner.userId) requireOthers(caller);
        const found = keys.all().filter((key) => isListed(present(key), filter));
        // Ids ascend, and the newest key is the first.
        const at = cursor === undefined ? Number(offset) : found.findIndex(({ id }) => id < cursor);
        const from = at < 0 ? found.length : at;
        const page = found.slice(from, from + Number(limit));
        const hasNext = from + page.length < found.length;
        return {
          apiKeys: page.map(present),
          pagination: {
            ...{ total: found.length, limit: Number(limit), offset: cursor === undefined ? from : 0 },
            ...{ hasNext, hasPrevious: from > 0, nextCursor: hasNext ? (page.at(-1)?.id ?? null) : null },
          },
        };
      },
      ['limit', 'offset', 'cursor', 'status', 'userId', 'permission', 'createdByKeyId'],
    ),
    route(getApiKey, ({ params }) => {
      const key = keys.byId(params.id);
      return { apiKey: { ...present(key), secrets: presentedSecrets(key, clock.now()) } };
    }),
  ];
}

/** A new or rotated key with its secret. */
export function minted({ clock, owner }: State, key: StoredKey) {
  const secret = secretOf(key);
  return { apiKey: presented(key, owner, clock.now(), secret), key: secret };
}

/** Without `status`, every key that is not revoked. */
function isListed(key: ApiKeyBody, query: QueryOf<typeof listApiKeys>): boolean {
  const { status, userId = key.userId, permission, createdByKeyId = key.createdBy.keyId } = query;
  return (
    (status === undefined ? key.status !== 'revoked' : key.status === status) &&
    key.userId === userId &&
    (permission === undefined || key.permissions.includes(permission)) &&
    key.createdBy.keyId === createdByKeyId
  );
}

function systemRoutes({ clock, owner, keys }: State): Route[] {
  const startedAt = instant(clock.now());
  const instances = () => [
    { id: INSTANCE_ID, version: 'test', startedAt, heartbeatAt: instant(clock.now()), lagMs: 0 },
  ];
  return [
    route(
      listGrantablePermissions,
      ({ caller, query: { userId = owner.userId } }) => {
        if (userId !== owner.userId) {
          requireOthers(caller);
          throw new ServiceError('USER_NOT_FOUND');
        }
        const holder = { userId, displayName: 'Owner', roleName: 'Owner' };
        const permissions = keys.catalogue.map((id) => {
          const grantable = caller.permissions.includes(id);
          return { id, grantable, notHeldBy: grantable ? null : ('caller' as const) };
        });
        return { grantable: { caller: { kind: 'key' as const, ...holder }, owner: holder, permissions } };
      },
      ['userId'],
    ),
    route(getSystem, () => ({
      system: { status: 'healthy' as const, problems: [], instanceCount: 1, instances: instances() },
    })),
    route(listInstances, () => ({ instances: instances() })),
  ];
}

/** Throws PERMISSION_DENIED unless the caller may act for other users than its own. */
function requireOthers({ permissions }: StoredKey): void {
  if (!permissions.includes('api-keys:manage-others')) throw permissionDenied(['api-keys:manage-others']);
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
