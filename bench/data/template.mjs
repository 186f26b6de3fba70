/** Initialises a service and creates one key through its API: the template of all other keys. */
import { startService } from '../contenders/service.mjs';

/** The largest limits there are: counted at every check, and never reached. */
export const LIMITS = { requestsPerMinute: 1_000_000, requestsPerDay: 1_000_000_000 };

/** What a prepared key may do. */
export const PERMISSIONS = ['calls:read', 'calls:write', 'agents:read'];

/** @typedef {{ workspaceId: string, ownerId: string, ownerKey: string }} Facts */
/** @typedef {{ id: string, workspaceId: string }} Template */

/**
 * @param {string} folder an empty data folder
 * @param {import('./database.mjs').Kind} kind
 * @returns {Promise<{ facts: Facts, template: Template }>}
 */
export async function found(folder, kind) {
  const service = await startService(folder, { init: true });
  try {
    const { workspaceId, userId: ownerId, key: ownerKey } = service.founded;
    const rateLimit = kind === 'limited' ? LIMITS : null;
    const response = await fetch(`${service.url}/api/v2/api-keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Template', userId: ownerId, permissions: PERMISSIONS, rateLimit }),
    });
    if (!response.ok) throw new Error(`Creating the template key failed: ${await response.text()}`);
    const { data } = /** @type {any} */ (await response.json());
    return {
      facts: { workspaceId, ownerId, ownerKey },
      template: { id: data.result.apiKey.id, workspaceId },
    };
  } finally {
    await service.stop();
  }
}
