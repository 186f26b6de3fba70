/** Requests that make keys like the prepared ones. */
import { LIMITS, PERMISSIONS } from '../data/template.mjs';
import { createRequest } from './requests.mjs';
import { writeRequests } from './requests-file.mjs';

const NAMES = 10_000;
/** New members that own the new keys in turn: creating a key counts the keys of its owner, which are few in practice. */
const OWNERS = 32;

/** @typedef {{ workspaceId: string, ownerKey: string }} Workspace */

/**
 * @param {string} url of the service
 * @param {readonly Workspace[]} workspaces get a new key in turn
 * @returns {Promise<string>} the file they are in
 */
export async function writeCreations(url, workspaces) {
  /** @type {Awaited<ReturnType<typeof addOwners>>[]} */
  const owners = [];
  for (const workspace of workspaces)
    owners.push(await addOwners(url, workspace, OWNERS / workspaces.length));
  const requests = Array.from({ length: NAMES }, (_, index) => {
    const ofWorkspace = owners[index % owners.length] ?? [];
    const { ownerKey = '', userId } =
      ofWorkspace[Math.floor(index / owners.length) % ofWorkspace.length] ?? {};
    return createRequest(ownerKey, {
      name: `New key ${index}`,
      userId,
      permissions: PERMISSIONS,
      rateLimit: LIMITS,
    });
  });
  return writeRequests(requests);
}

/** @param {string} url @param {Workspace} workspace @param {number} count */
async function addOwners(url, { workspaceId, ownerKey: key }, count) {
  const { roles } = await call(url, key, `/${workspaceId}/roles`);
  const [{ id: roleId }] = roles;
  const owners = [];
  for (let index = 0; index < count; index++) {
    const email = `owner-${Date.now()}-${index}@example.com`;
    const { invitation } = await call(url, key, '/invitations', { email, roleId, skipEmail: true });
    const { member } = await call(url, key, '/invitations/accept', { token: invitation.token });
    owners.push({ ownerKey: key, userId: member.userId });
  }
  return owners;
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
