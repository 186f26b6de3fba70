import { exportLogs, listLogs } from './audit.ts';
import type { Endpoint } from './endpoint.ts';
import {
  checkApiKey,
  createApiKey,
  deleteApiKey,
  deleteApiKeys,
  getApiKey,
  listApiKeys,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
} from './keys.ts';
import { getLiveness, getMe, getReadiness, listPermissions } from './system.ts';
import { verifyApiKey, verifyApiKeys } from './verification.ts';

/** Every endpoint of the service. Routes, OpenAPI document, client and tests are held against this table. */
export const ENDPOINTS: readonly Endpoint[] = [
  createApiKey,
  listApiKeys,
  updateApiKeys,
  deleteApiKeys,
  getApiKey,
  updateApiKey,
  deleteApiKey,
  rotateApiKey,
  checkApiKey,
  verifyApiKey,
  verifyApiKeys,
  listPermissions,
  getMe,
  listLogs,
  exportLogs,
  getLiveness,
  getReadiness,
];
