import { API_BASE } from '@latchkey/contract';

/** What a sample request may speak of. */
export interface Subject {
  readonly keyId: string;
  readonly secret: string;
  readonly userId: string;
}

export interface SampleRequest {
  readonly url: string;
  readonly body?: unknown;
}

const KEYS = `${API_BASE}/api-keys`;

/**
 * A request to each endpoint, by its id, that succeeds for the owner of the subject. Tests that hold for every endpoint
 * run over this table; an endpoint that is not in it fails them.
 */
export const SAMPLE_REQUESTS: Readonly<Record<string, (subject: Subject) => SampleRequest>> = {
  createApiKey: ({ userId }) => ({ url: KEYS, body: { name: 'sample', userId } }),
  listApiKeys: () => ({ url: `${KEYS}?limit=10&sortBy=name` }),
  updateApiKeys: ({ keyId }) => ({ url: KEYS, body: { apiKeys: [{ id: keyId, name: 'sample' }] } }),
  deleteApiKeys: ({ keyId }) => ({ url: KEYS, body: { ids: [keyId] } }),
  getApiKey: ({ keyId }) => ({ url: `${KEYS}/${keyId}` }),
  updateApiKey: ({ keyId }) => ({ url: `${KEYS}/${keyId}`, body: { name: 'sample' } }),
  deleteApiKey: ({ keyId }) => ({ url: `${KEYS}/${keyId}` }),
  rotateApiKey: ({ keyId }) => ({ url: `${KEYS}/${keyId}/rotate`, body: { overlapSeconds: 60 } }),
  checkApiKey: () => ({ url: `${KEYS}/check` }),
  verifyApiKey: ({ secret }) => ({ url: `${KEYS}/verify`, body: { key: secret } }),
  verifyApiKeys: ({ secret }) => ({ url: `${KEYS}/verify-many`, body: { checks: [{ key: secret }] } }),
  listPermissions: () => ({ url: `${API_BASE}/permissions` }),
  listLogs: () => ({ url: `${API_BASE}/workspaces/logs?limit=10&search=key` }),
  exportLogs: () => ({ url: `${API_BASE}/workspaces/logs/export` }),
  getMe: () => ({ url: `${API_BASE}/me` }),
  getLiveness: () => ({ url: '/health/live' }),
  getReadiness: () => ({ url: '/health/ready' }),
};
