import {
  type BodyOf,
  deleteApiKey,
  deleteApiKeys,
  endOldSecret,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
} from '@latchkey/contract';
import { hintOf } from '@latchkey/contract/key-format';
import { INSTANCE_ID, minted, type Route, route, type State } from './routes.ts';
import { permissionDenied, ServiceError, unsupported } from './service-error.ts';
import { instant, optionalInstant, presented, type StoredKey, secretOf } from './stored-key.ts';

/** The reason that, in any case, revokes everything that derives from the key. */
const COMPROMISED = 'COMPROMISED';

export function changeRoutes(state: State): Route[] {
  const { clock, owner, keys } = state;
  const present = (key: StoredKey) => presented(key, owner, clock.now());
  const effect = (query: object) => effectOf(query, instant(clock.now()));
  return [
    route(
      updateApiKey,
      ({ params, body, query }) => ({ apiKey: present(keys.update(params.id, body)), ...effect(query) }),
      ['wait'],
    ),
    route(
      updateApiKeys,
      ({ body: { apiKeys }, query }) => {
        const { done, errors } = keys.runOrRehearse(isDryRun(query), () =>
          forEachItem(apiKeys, (item) => present(keys.update(item.id, item))),
        );
        return { updated: done, errors, ...effect(query) };
      },
      ['dryRun', 'wait'],
    ),
    route(rotateApiKey, ({ params, body }) => {
      if (body?.cascade) throw unsupported('the field `cascade` of keys.rotate');
      return { ...minted(state, keys.rotate(params.id, body?.overlapSeconds)), ended: [] };
    }),
    route(
      endOldSecret,
      ({ params, query }) => ({
        apiKey: present(keys.endOldSecret(params.id)),
        ...effect(query),
        ended: [],
      }),
      ['wait'],
    ),
    ...revokeRoutes(state),
  ];
}

function revokeRoutes({ clock, owner, keys }: State): Route[] {
  const revoke = (id: string, options: NonNullable<BodyOf<typeof deleteApiKey>>) => {
    const { cascade = false, reason: text = null } = options;
    const reason = text?.toUpperCase() === COMPROMISED ? COMPROMISED : text;
    const key = keys.revoke(id, reason);
    const descendants = keys.livingDescendants(id);
    const isCascade = cascade || key.revokedReason === COMPROMISED;
    if (isCascade) for (const descendant of descendants) keys.revoke(descendant.id, reason);
    const ended = isCascade ? descendants : [];
    // Before the end of a rehearsal.
    return {
      key,
      apiKey: presented(key, owner, clock.now()),
      ended,
      living: descendants.length - ended.length,
    };
  };
  const affected = (isRehearsal: boolean, revoked: readonly ReturnType<typeof revoke>[]) => {
    if (!isRehearsal) return {};
    const all = new Set(revoked.flatMap(({ key, ended }) => [key, ...ended]));
    const stopped = [...all].map((key) => {
      const { id, name, lastUsedAt } = key;
      return {
        ...{ id, key: hintOf(secretOf(key)), name, userId: owner.userId },
        lastUsedAt: optionalInstant(lastUsedAt),
      };
    });
    return { affected: { total: all.size, keys: stopped } };
  };
  const idsOf = (ended: readonly StoredKey[]) => ended.map(({ id }) => ({ kind: 'api-key' as const, id }));
  return [
    route(
      deleteApiKey,
      ({ caller, params, body, query }) => {
        if (caller.id !== params.id && !caller.permissions.includes('api-keys:delete'))
          throw permissionDenied(['api-keys:delete']);
        const revoked = keys.runOrRehearse(isDryRun(query), () => revoke(params.id, body ?? {}));
        return {
          apiKey: revoked.apiKey,
          ...effectOf(query, revoked.apiKey.revokedAt ?? instant(clock.now())),
          livingDescendants: revoked.living,
          ended: idsOf(revoked.ended),
          ...affected(isDryRun(query), [revoked]),
        };
      },
      ['dryRun', 'wait'],
    ),
    route(
      deleteApiKeys,
      ({ body: { ids, ...options }, query }) => {
        const items = ids.map((id) => ({ id }));
        const { done, errors } = keys.runOrRehearse(isDryRun(query), () =>
          forEachItem(items, ({ id }) => revoke(id, options)),
        );
        return {
          deleted: done.map(({ key }) => key.id),
          errors,
          ...effectOf(query, instant(clock.now())),
          ended: done.flatMap(({ ended }) => idsOf(ended)),
          ...affected(isDryRun(query), done),
        };
      },
      ['dryRun', 'wait'],
    ),
  ];
}

/** A change is in force at once. If the call waits for that, the only instance confirms it. */
function effectOf(query: { readonly wait?: unknown; readonly dryRun?: unknown }, now: string) {
  const instances = [{ id: INSTANCE_ID, confirmedAt: now }];
  return { effectiveBy: now, ...(isTrue(query.wait) && !isDryRun(query) && { instances }) };
}

function isDryRun({ dryRun }: { readonly dryRun?: unknown }): boolean {
  return isTrue(dryRun);
}

/** A parameter of a call is text in the URL. */
function isTrue(parameter: unknown): boolean {
  return String(parameter) === 'true';
}

/** Changes each item on its own. A ServiceError of one item does not undo the others. */
function forEachItem<Item extends { readonly id: string }, T>(
  items: readonly Item[],
  change: (item: Item) => T,
) {
  const done: T[] = [];
  const errors: { id: string; error: string; code: string; details: { field: string; message: string }[] }[] =
    [];
  for (const item of items) {
    try {
      done.push(change(item));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { message, code, details } = error;
      errors.push({ id: item.id, error: message, code, details: [...details] });
    }
  }
  return { done, errors };
}
