import { API_BASE, type Endpoint } from '@latchkey/contract';

/** The ids and tokens that a sample request may use. */
export interface Subject {
  readonly keyId: string;
  readonly secret: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly roleId: string;
  /** Another member of the workspace. */
  readonly memberId: string;
  readonly invitationId: string;
  readonly invitationToken: string;
  readonly signInToken: string;
  /** Of the owner. */
  readonly sessionId: string;
}

export interface SampleRequest {
  readonly url: string;
  readonly body?: unknown;
}

/**
 * POST endpoints whose sample request changes nothing: verification is a POST because a URL must not contain a key, rates are
 * one because a URL has no room for many ids, and the sign-in link is requested for an address that is not registered.
 */
const QUESTIONS = ['verifyApiKey', 'verifyApiKeys', 'listApiKeyRates', 'requestSignInLink'];

/** Whether a successful sample call of the endpoint changes data. */
export function isChange({ id, method }: Endpoint): boolean {
  return method !== 'GET' && !QUESTIONS.includes(id);
}

const KEYS = `${API_BASE}/api-keys`;
const WORKSPACES = `${API_BASE}/workspaces`;
const SESSIONS = `${API_BASE}/sessions`;
const ACCOUNT = `${API_BASE}/account`;
const INVITATIONS = `${WORKSPACES}/invitations`;

/**
 * A request to each endpoint, by endpoint id, that succeeds for the owner of the subject; endpoints about an account need a
 * credential that proves one. Tests that apply to every endpoint iterate over this table, and fail for an endpoint that
 * is missing from it.
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
  endOldSecret: ({ keyId }) => ({ url: `${KEYS}/${keyId}/secrets/old` }),
  checkApiKey: () => ({ url: `${KEYS}/check` }),
  verifyApiKey: ({ secret }) => ({ url: `${KEYS}/verify`, body: { key: secret } }),
  verifyApiKeys: ({ secret }) => ({ url: `${KEYS}/verify-many`, body: { checks: [{ key: secret }] } }),
  getApiKeyProvenance: ({ keyId }) => ({ url: `${KEYS}/${keyId}/provenance` }),
  getApiKeyUsage: ({ keyId }) => ({ url: `${KEYS}/${keyId}/usage?granularity=minute` }),
  listApiKeyRefusals: ({ keyId }) => ({ url: `${KEYS}/${keyId}/refusals` }),
  getWorkspaceUsage: () => ({ url: `${WORKSPACES}/usage?granularity=minute&limit=5` }),
  listApiKeyRates: ({ keyId }) => ({ url: `${KEYS}/rates`, body: { ids: [keyId] } }),
  explainApiKey: ({ keyId }) => ({ url: `${KEYS}/${keyId}/explain?permissions=calls:read&cost=2` }),
  createWorkspace: () => ({ url: WORKSPACES, body: { name: 'sample' } }),
  listWorkspaces: () => ({ url: WORKSPACES }),
  updateWorkspace: () => ({ url: WORKSPACES, body: { name: 'sample' } }),
  deleteWorkspace: ({ workspaceId }) => ({ url: `${WORKSPACES}/${workspaceId}` }),
  listRoles: ({ workspaceId }) => ({ url: `${WORKSPACES}/${workspaceId}/roles` }),
  createRole: ({ workspaceId }) => ({
    url: `${WORKSPACES}/${workspaceId}/roles`,
    body: { name: 'Sample', permissions: ['calls:read'] },
  }),
  updateRole: ({ workspaceId, roleId }) => ({
    url: `${WORKSPACES}/${workspaceId}/roles/${roleId}`,
    body: { permissions: ['calls:write'] },
  }),
  deleteRole: ({ workspaceId, roleId }) => ({ url: `${WORKSPACES}/${workspaceId}/roles/${roleId}` }),
  listMembers: ({ workspaceId }) => ({ url: `${WORKSPACES}/${workspaceId}/members` }),
  updateMember: ({ workspaceId, memberId, roleId }) => ({
    url: `${WORKSPACES}/${workspaceId}/members/${memberId}`,
    body: { roleId },
  }),
  removeMember: ({ workspaceId, memberId }) => ({ url: `${WORKSPACES}/${workspaceId}/members/${memberId}` }),
  createInvitation: ({ roleId }) => ({ url: INVITATIONS, body: { email: 'sample@example.com', roleId } }),
  listInvitations: () => ({ url: INVITATIONS }),
  resendInvitation: ({ invitationId }) => ({ url: `${INVITATIONS}/${invitationId}/resend` }),
  revokeInvitation: ({ invitationId }) => ({ url: `${INVITATIONS}/${invitationId}` }),
  acceptInvitation: ({ invitationToken }) => ({
    url: `${INVITATIONS}/accept`,
    body: { token: invitationToken },
  }),
  createSignInLink: () => ({ url: `${API_BASE}/sign-in-links` }),
  requestSignInLink: () => ({
    url: `${API_BASE}/sign-in-links/request`,
    body: { email: 'unknown@example.com' },
  }),
  createSession: ({ signInToken }) => ({ url: SESSIONS, body: { token: signInToken } }),
  listSessions: () => ({ url: SESSIONS }),
  deleteSession: ({ sessionId }) => ({ url: `${SESSIONS}/${sessionId}` }),
  switchWorkspace: ({ workspaceId }) => ({
    url: `${SESSIONS}/current/workspace`,
    body: { workspaceId },
  }),
  getAccount: () => ({ url: ACCOUNT }),
  setDefaultWorkspace: ({ workspaceId }) => ({ url: `${ACCOUNT}/default`, body: { workspaceId } }),
  joinOffer: ({ memberId }) => ({ url: `${ACCOUNT}/offers/${memberId}/join` }),
  declineOffer: ({ memberId }) => ({ url: `${ACCOUNT}/offers/${memberId}/decline` }),
  leaveWorkspace: ({ workspaceId }) => ({ url: `${WORKSPACES}/${workspaceId}/members/me` }),
  listPermissions: () => ({ url: `${API_BASE}/permissions` }),
  listGrantablePermissions: ({ userId }) => ({ url: `${API_BASE}/permissions/grantable?userId=${userId}` }),
  listLogs: () => ({ url: `${API_BASE}/workspaces/logs?limit=10&search=key` }),
  exportLogs: () => ({ url: `${API_BASE}/workspaces/logs/export` }),
  getMe: () => ({ url: `${API_BASE}/me` }),
  getSystem: () => ({ url: `${API_BASE}/system` }),
  listInstances: () => ({ url: `${API_BASE}/system/instances` }),
  getLiveness: () => ({ url: '/health/live' }),
  getReadiness: () => ({ url: '/health/ready' }),
};
