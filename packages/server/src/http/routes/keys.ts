import {
  createApiKey,
  deleteApiKey,
  deleteApiKeys,
  type ErrorDetail,
  endOldSecret,
  getApiKey,
  getApiKeyProvenance,
  listApiKeys,
  redactSecrets,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
} from '@latchkey/contract';
import { endedKeys } from '../../domain/keys/affected-keys.ts';
import { type BulkOutcome, forEachItem } from '../../domain/keys/bulk.ts';
import { createKey } from '../../domain/keys/create-key.ts';
import { endOldSecret as endSecret } from '../../domain/keys/end-old-secret.ts';
import { getKey, getProvenance, listKeys, listSecrets } from '../../domain/keys/list-keys.ts';
import type { MintedKey } from '../../domain/keys/mint.ts';
import { type RevokedKey, revokeKey } from '../../domain/keys/revoke-key.ts';
import { rotateKey } from '../../domain/keys/rotate-key.ts';
import { updateKey } from '../../domain/keys/update-key.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { changeMessage, presentEffect, runOrRehearse } from '../pipeline/change-options.ts';
import { publicMessage } from '../pipeline/error-response.ts';
import { entityTag, replayHeader } from '../pipeline/request-headers.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentAffected, presentInstant, presentKey, presentSecrets } from '../present/key.ts';
import { presentCountedPage } from '../present/page.ts';

export function keyRoutes(services: Services): Route[] {
  return [
    ...mintRoutes(services),
    ...readRoutes(services),
    ...changeRoutes(services),
    ...revokeRoutes(services),
  ];
}

function mintRoutes(services: Services): Route[] {
  const { clock } = services;
  return [
    route(createApiKey, async ({ caller, body, idempotency, setHeaders }) => {
      const minted = await createKey(services, caller, body, idempotency);
      setHeaders({ Location: `${createApiKey.path}/${minted.key.id}`, ...replayHeader(minted) });
      return { message: `API key created${remark(minted)}`, result: presentMinted(minted, clock.now()) };
    }),
    route(rotateApiKey, async ({ caller, params, body, idempotency, setHeaders }) => {
      const { overlapSeconds, cascade, force } = body ?? {};
      const rotation = { keyId: params.id, overlapSeconds, cascade, force };
      const minted = await rotateKey(services, caller, rotation, idempotency);
      setHeaders(replayHeader(minted));
      const result = { ...presentMinted(minted, clock.now()), ended: [...minted.ended] };
      return { message: `API key rotated${remark(minted)}`, result };
    }),
  ];
}

function readRoutes(services: Services): Route[] {
  const { clock } = services;
  return [
    route(listApiKeys, async ({ caller, query, signal }) => {
      const page = await listKeys(services.listing(signal), caller, query);
      const now = clock.now();
      const apiKeys = page.items.map((key) => presentKey(key, now));
      return { message: 'API keys listed', result: { apiKeys, pagination: presentCountedPage(page) } };
    }),
    route(getApiKey, async ({ caller, params, setHeaders }) => {
      const key = await getKey(services, caller, params.id);
      setHeaders({ ETag: entityTag(key.version) });
      const secrets = presentSecrets(await listSecrets(services, caller, params.id));
      return { message: 'API key found', result: { apiKey: { ...presentKey(key, clock.now()), secrets } } };
    }),
    route(getApiKeyProvenance, async ({ caller, params }) => {
      const { key, owner, exceeding } = await getProvenance(services, caller, params.id);
      const provenance = {
        createdAt: presentInstant(key.createdAt),
        createdBy: key.createdBy,
        ownerHeld: [...owner.held],
        ownerHoldsNow: [...owner.holdsNow],
        exceeding: [...exceeding],
      };
      return { message: 'Provenance found', result: { provenance } };
    }),
  ];
}

function changeRoutes(services: Services): Route[] {
  const { clock } = services;
  return [
    route(updateApiKey, async (call) => {
      const { caller, params, body, expectedVersions, setHeaders } = call;
      const key = await updateKey(services, caller, params.id, body, expectedVersions);
      setHeaders({ ETag: entityTag(key.version) });
      const effect = await presentEffect(services, call);
      const result = { apiKey: presentKey(key, clock.now()), ...effect };
      return { message: 'API key updated', result };
    }),
    route(updateApiKeys, async (call) => {
      const { caller, body, query } = call;
      const { apiKeys, force } = body;
      const outcome = await runOrRehearse(services, query, (services) =>
        forEachItem(apiKeys, (item) => updateKey(services, caller, item.id, { ...item, force })),
      );
      const now = clock.now();
      const updated = outcome.done.map((key) => presentKey(key, now));
      const effect = await presentEffect(services, call);
      const result = { updated, errors: presentFailed(outcome), ...effect };
      return { message: changeMessage(summary('updated', outcome), query), result };
    }),
  ];
}

function revokeRoutes(services: Services): Route[] {
  const { clock } = services;
  const affectedBy = async (
    caller: Caller,
    isDryRun: boolean | undefined,
    revoked: readonly RevokedKey[],
  ) => {
    if (!isDryRun) return {};
    const all = revoked.flatMap(({ key, ended }) => [{ kind: 'api-key', id: key.id } as const, ...ended]);
    return { affected: presentAffected(await endedKeys(services, caller, all)) };
  };
  return [
    route(deleteApiKey, async (call) => {
      const { caller, params, body, query } = call;
      const revoked = await runOrRehearse(services, query, (services) =>
        revokeKey(services, caller, params.id, body ?? {}),
      );
      const result = {
        apiKey: presentKey(revoked.key, clock.now()),
        ...(await presentEffect(services, call, revoked.effectiveBy)),
        livingDescendants: revoked.livingDescendants,
        ended: [...revoked.ended],
        ...(await affectedBy(caller, query.dryRun, [revoked])),
      };
      return { message: changeMessage('API key revoked', query), result };
    }),
    route(endOldSecret, async (call) => {
      const { key, effectiveBy, ended } = await endSecret(services, call.caller, call.params.id);
      const effect = await presentEffect(services, call, effectiveBy);
      const result = { apiKey: presentKey(key, clock.now()), ...effect, ended: [...ended] };
      return { message: 'Old secret ended', result };
    }),
    route(deleteApiKeys, async (call) => {
      const { caller, body, query } = call;
      const items = body.ids.map((id) => ({ id }));
      const outcome = await runOrRehearse(services, query, (services) =>
        forEachItem(items, ({ id }) => revokeKey(services, caller, id, body)),
      );
      const instants = outcome.done.map(({ effectiveBy }) => effectiveBy);
      const result = {
        deleted: outcome.done.map(({ key }) => key.id),
        errors: presentFailed(outcome),
        ...(await presentEffect(services, call, Math.max(...instants, clock.now()))),
        ended: outcome.done.flatMap(({ ended }) => ended),
        ...(await affectedBy(caller, query.dryRun, outcome.done)),
      };
      return { message: changeMessage(summary('revoked', outcome), query), result };
    }),
  ];
}

function presentMinted({ key, secret }: MintedKey, now: number) {
  return { apiKey: presentKey(key, now, secret), ...(secret !== null && { key: secret }) };
}

function remark({ secret, isNarrowed }: MintedKey): string {
  if (secret === null) return ' by an earlier call; its secret can no longer be shown';
  return isNarrowed ? ' with fewer permissions than its owner holds, since the creator holds fewer' : '';
}

function summary(verb: string, { done, failed }: BulkOutcome<unknown>): string {
  return `${done.length} of ${done.length + failed.length} API keys ${verb}`;
}

function presentFailed({
  failed,
}: BulkOutcome<unknown>): { id: string; error: string; code: string; details: ErrorDetail[] }[] {
  return failed.map(({ id, error }) => ({
    id: redactSecrets(id),
    error: publicMessage(error),
    code: error.code,
    details: [...error.details],
  }));
}
