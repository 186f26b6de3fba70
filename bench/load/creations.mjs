/** Requests that make keys like the prepared ones. */
import { LIMITS, PERMISSIONS } from '../data/template.mjs';
import { createRequest } from './requests.mjs';
import { writeRequests } from './requests-file.mjs';

const NAMES = 10_000;
/** New members that own the new keys in turn: creating a key counts the keys of its owner, which are few in practice. */
const OWNERS = 32;

/**
 * @param {string} url of the service
 * @param {import('../data/database.mjs').Prepared} prepared
 * @returns {Promise<string>} the file they are in
 */
export async function writeCreations(url, { ownerKey, workspaceId }) {
  const owners = await addOwners(url, ownerKey, workspaceId);
  const requests = Array.from({ length: NAMES }, (_, index) =>
    createRequest(ownerKey, {
      name: `New key ${index}`,
      userId: owners[index % owners.length],
      permissions: PERMISSIONS,
      rateLimit: LIMITS,
    }),
  );
  return writeRequests(requests);
}

/** @param {string} url @param {string} key @param {string} workspaceId @returns {Promise<string[]>} their user ids */
async function addOwners(url, key, workspaceId) {
  const { roles } = await call(url, key, `/${workspaceId}/roles`);
  const [{ id: roleId }] = roles;
  const ids = [];
  for (let index = 0; index < OWNERS; index++) {
    const email = `owner-${Date.now()}-${index}@example.com`;
    const { invitation } = await call(url, key, '/invitations', { email, roleId, skipEmail: true });
    const { member } = await call(url, key, '/invitations/accept', { token: invitation.token });
    ids.push(member.id);
  }
  return ids;
}

/** @param {string} url @param {string} key @param {string} path @param {object} [body] @returns {Promise<any>} */
async function call(url, key, path, body) {
  const response = await fetch(`${url}/api/v2/workspaces${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      // Accepting an invitation allows no credential besides the token.
      ...(path.endsWith('/accept') ? {} : { authorization: `Bearer ${key}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  const { data } = /** @type {{ data: { result: unknown } }} */ (await response.json());
  return data.result;
}
