import type { BuiltInPermission } from '../permissions.ts';
import {
  declineOffer,
  getAccount,
  joinOffer,
  leaveWorkspace,
  setDefaultWorkspace,
  switchWorkspace,
} from './account.ts';
import { exportLogs, listLogs } from './audit.ts';
import type { Endpoint } from './endpoint.ts';
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from './invitations.ts';
import {
  createApiKey,
  deleteApiKey,
  deleteApiKeys,
  endOldSecret,
  getApiKey,
  getApiKeyProvenance,
  listApiKeys,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
} from './keys.ts';
import { listMembers, removeMember, updateMember } from './members.ts';
import { createRole, deleteRole, listRoles, updateRole } from './roles.ts';
import {
  createSession,
  createSignInLink,
  deleteSession,
  listSessions,
  requestSignInLink,
} from './sessions.ts';
import {
  getLiveness,
  getMe,
  getReadiness,
  getSystem,
  listGrantablePermissions,
  listInstances,
  listPermissions,
} from './system.ts';
import {
  explainApiKey,
  getApiKeyUsage,
  getWorkspaceUsage,
  listApiKeyRates,
  listApiKeyRefusals,
} from './usage.ts';
import { checkApiKey, verifyApiKey, verifyApiKeys } from './verification.ts';
import { createWorkspace, deleteWorkspace, listWorkspaces, updateWorkspace } from './workspaces.ts';

/** Every endpoint of the service. Routes, the OpenAPI document, the client and tests are derived from or checked against this table. */
export const ENDPOINTS: readonly Endpoint[] = [
  createApiKey,
  listApiKeys,
  updateApiKeys,
  deleteApiKeys,
  getApiKey,
  updateApiKey,
  deleteApiKey,
  rotateApiKey,
  endOldSecret,
  getApiKeyProvenance,
  checkApiKey,
  verifyApiKey,
  verifyApiKeys,
  getApiKeyUsage,
  listApiKeyRefusals,
  listApiKeyRates,
  explainApiKey,
  getWorkspaceUsage,
  createWorkspace,
  listWorkspaces,
  updateWorkspace,
  deleteWorkspace,
  listRoles,
  createRole,
  updateRole,
  deleteRole,
  listMembers,
  updateMember,
  removeMember,
  createInvitation,
  listInvitations,
  revokeInvitation,
  resendInvitation,
  acceptInvitation,
  getAccount,
  setDefaultWorkspace,
  joinOffer,
  declineOffer,
  leaveWorkspace,
  createSignInLink,
  requestSignInLink,
  createSession,
  listSessions,
  deleteSession,
  switchWorkspace,
  listPermissions,
  listGrantablePermissions,
  getMe,
  listLogs,
  exportLogs,
  getSystem,
  listInstances,
  getLiveness,
  getReadiness,
];

/** Permissions that endpoints require. A catalogue must have all of these: without one, no caller could use its endpoints. */
export const DEMANDED_PERMISSIONS: readonly BuiltInPermission[] = [
  ...new Set([
    ...ENDPOINTS.flatMap(({ access }) => (access.permission === null ? [] : [access.permission])),
    'api-keys:manage-others' as const,
  ]),
];
