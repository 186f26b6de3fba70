import type { ApiKeyWithSecretsBody, Granularity } from '@latchkey/contract';
import { queryOptions } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';

const LIVE_MS = 15_000;
/** While an old secret works. */
const ROTATION_MS = 5_000;

export async function readKey(id: string): Promise<VersionedKey> {
  const { apiKey, etag } = await latchkey.keys.get(id);
  return { ...apiKey, etag };
}

/** The keys that a key made, revoked ones too. */
export const childrenQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS, 'children', id],
    async queryFn() {
      const [current, revoked] = await Promise.all([
        latchkey.keys.list({ createdByKeyId: id }),
        latchkey.keys.list({ createdByKeyId: id, status: 'revoked' }),
      ]);
      return [...current.apiKeys, ...revoked.apiKeys];
    },
  });

/** The key, and its version. */
export type VersionedKey = ApiKeyWithSecretsBody & { readonly etag: string | null };

export const keyQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS, 'one', id],
    queryFn: () => readKey(id),
    // Last use is shown live.
    refetchInterval: ({ state }) => ((state.data?.secrets?.length ?? 1) > 1 ? ROTATION_MS : LIVE_MS),
  });

export const provenanceQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS, 'provenance', id],
    queryFn: async () => (await latchkey.keys.provenance(id)).provenance,
  });

export const usageQuery = (id: string, granularity: Granularity) =>
  queryOptions({
    queryKey: [...KEYS, 'usage', id, granularity],
    queryFn: async () => (await latchkey.keys.usage(id, { granularity })).usage,
    refetchInterval: LIVE_MS,
  });

export const denialsQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS, 'denials', id],
    queryFn: async () => (await latchkey.keys.refusals(id)).refusals,
  });

/** What the key would be answered now. Uses no quota. */
export const explanationQuery = (id: string, permissions: readonly string[], cost: number) =>
  queryOptions({
    queryKey: [...KEYS, 'explanation', id, permissions, cost],
    queryFn: async () =>
      (
        await latchkey.keys.explain(id, {
          ...(permissions.length > 0 && { permissions: [...permissions] }),
          cost,
        })
      ).explanation,
  });
