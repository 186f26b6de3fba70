import { expect, test } from 'vitest';
import { replyJson, startPeer, success } from '../../test/peer.ts';
import { Latchkey } from '../client.ts';

const at = '2026-11-23T09:30:00.000Z';
const times = { createdAt: at, updatedAt: at };
const workspace = { id: 'ws_1', name: 'W', permissionMode: 'frozen', status: 'active', ...times };
const role = {
  id: 'role_1',
  workspaceId: 'ws_1',
  name: 'Support',
  description: null,
  permissions: ['calls:read'],
  isSystem: false,
  isDefault: false,
  memberCount: 0,
  assignable: true,
  ...times,
};
const member = {
  userId: 'usr_1',
  workspaceId: 'ws_1',
  email: 'ada@example.com',
  displayName: 'Ada',
  roleId: 'role_1',
  roleName: 'Support',
  status: 'active',
  ...times,
};
const invitation = {
  id: 'inv_1',
  workspaceId: 'ws_1',
  inviterId: 'usr_0',
  email: 'ada@example.com',
  roleId: 'role_1',
  roleName: 'Support',
  status: 'pending',
  expiresAt: at,
  ...times,
  acceptedAt: null,
  inviterEmail: 'owner@example.com',
  inviterDisplayName: 'Owner',
};
const session = {
  id: 'ses_1',
  workspaceId: 'ws_1',
  userId: 'usr_1',
  createdAt: at,
  lastSeenAt: at,
  expiresAt: at,
  address: null,
  agent: null,
  isCurrent: false,
};
const provenance = {
  createdAt: at,
  createdBy: { kind: 'key', userId: 'usr_1', keyId: null },
  ownerHeld: [],
  ownerHoldsNow: [],
  exceeding: [],
};

const END = { limit: 50, nextCursor: null };

type Act = (client: Latchkey) => Promise<unknown>;

const CASES: readonly [string, string, unknown, unknown, Act][] = [
  ['POST', '', { name: 'W' }, { workspace }, (client) => client.workspaces.create({ name: 'W' })],
  ['GET', '', undefined, { workspaces: [workspace], pagination: END }, (client) => client.workspaces.list()],
  [
    'PUT',
    '',
    { name: 'X' },
    { workspace, effectiveBy: at },
    (client) => client.workspaces.update({ name: 'X' }),
  ],
  [
    'DELETE',
    '/ws_1',
    undefined,
    { workspace, effectiveBy: at },
    (client) => client.workspaces.delete('ws_1'),
  ],
  [
    'GET',
    '/ws_1/roles',
    undefined,
    { roles: [role], pagination: END },
    (client) => client.roles.list('ws_1'),
  ],
  [
    'POST',
    '/ws_1/roles',
    { name: 'R', permissions: [] },
    { role },
    (client) => client.roles.create('ws_1', { name: 'R', permissions: [] }),
  ],
  [
    'PUT',
    '/ws_1/roles/role_1',
    { name: 'R' },
    { role, exceedingKeys: [], effectiveBy: at },
    (client) => client.roles.update('ws_1', 'role_1', { name: 'R' }),
  ],
  ['DELETE', '/ws_1/roles/role_1', undefined, { role }, (client) => client.roles.delete('ws_1', 'role_1')],
  [
    'GET',
    '/ws_1/members',
    undefined,
    { members: [member], pagination: END },
    (client) => client.members.list('ws_1'),
  ],
  [
    'PUT',
    '/ws_1/members/usr_1',
    { roleId: 'role_1' },
    { member, exceedingKeys: [], ended: [], effectiveBy: at },
    (client) => client.members.update('ws_1', 'usr_1', { roleId: 'role_1' }),
  ],
  [
    'DELETE',
    '/ws_1/members/usr_1',
    {},
    { member, revokedKeys: 1, ended: [], effectiveBy: at },
    (client) => client.members.remove('ws_1', 'usr_1'),
  ],
  [
    'POST',
    '/invitations',
    { email: 'ada@example.com', roleId: 'role_1' },
    { invitation: { ...invitation, token: 'lki_x' }, emailWarning: null },
    (client) => client.invitations.create({ email: 'ada@example.com', roleId: 'role_1' }),
  ],
  [
    'GET',
    '/invitations',
    undefined,
    { invitations: [invitation], pagination: END },
    (client) => client.invitations.list(),
  ],
  [
    'POST',
    '/invitations/inv_1/resend',
    { skipEmail: true },
    { invitation: { ...invitation, token: 'lki_x' }, emailWarning: null },
    (client) => client.invitations.resend('inv_1', { skipEmail: true }),
  ],
  ['DELETE', '/invitations/inv_1', undefined, { invitation }, (client) => client.invitations.revoke('inv_1')],
  [
    'POST',
    '/invitations/accept',
    { token: 'lki_x' },
    { member },
    (client) => client.invitations.accept({ token: 'lki_x' }),
  ],
];

test.each(CASES)('%s /workspaces%s carries what was given and answers the result', async (...one) => {
  const [method, path, body, result, act] = one;
  const { url, received } = await startPeer(replyJson(success(result)));
  expect(await act(new Latchkey({ url, key: 'lk_live_x' }))).toEqual(result);
  expect(received).toMatchObject([{ method, path: `/api/v2/workspaces${path}` }]);
  expect(received[0]?.body).toEqual(body);
});

const CHANGES: readonly [string, Act][] = [
  ['', (client) => client.workspaces.update({ permissionMode: 'capped', wait: true })],
  ['/ws_1', (client) => client.workspaces.delete('ws_1', { wait: true })],
  ['/ws_1/roles/role_1', (client) => client.roles.update('ws_1', 'role_1', { permissions: [], wait: true })],
  [
    '/ws_1/members/usr_1',
    (client) => client.members.update('ws_1', 'usr_1', { status: 'suspended', wait: true }),
  ],
  ['/ws_1/members/usr_1', (client) => client.members.remove('ws_1', 'usr_1', { wait: true })],
];

test.each(CHANGES)('a change of /workspaces%s can wait for all instances', async (path, act) => {
  const ended = { ended: [], revokedKeys: 0, exceedingKeys: [] };
  const result = { workspace, role, member, ...ended, effectiveBy: at, instances: [] };
  const { url, received } = await startPeer(replyJson(success(result)));
  expect(await act(new Latchkey({ url, key: 'lk_live_x' }))).toEqual(result);
  expect(received.map((request) => request.path)).toEqual([`/api/v2/workspaces${path}?wait=true`]);
});

const LISTS: readonly [string, string, (client: Latchkey) => AsyncIterable<unknown>][] = [
  ['/workspaces', 'workspaces', (client) => client.workspaces.listAll()],
  ['/workspaces/ws_1/roles', 'roles', (client) => client.roles.listAll('ws_1')],
  ['/workspaces/ws_1/members', 'members', (client) => client.members.listAll('ws_1')],
  ['/workspaces/invitations', 'invitations', (client) => client.invitations.listAll()],
  ['/sessions', 'sessions', (client) => client.sessions.listAll()],
];

test.each(LISTS)('listAll follows the cursors of %s', async (path, field, listAll) => {
  const item = {
    workspaces: workspace,
    roles: role,
    members: member,
    invitations: invitation,
    sessions: session,
  };
  const { url, received } = await startPeer((response, attempt) => {
    const pagination = { limit: 100, nextCursor: attempt === 1 ? 'abc' : null };
    replyJson(success({ [field]: [item[field as keyof typeof item]], pagination }))(response, attempt);
  });
  const items: unknown[] = [];
  for await (const one of listAll(new Latchkey({ url, key: 'lk_live_x' }))) items.push(one);
  expect(items).toHaveLength(2);
  expect(received.map((request) => request.path)).toEqual([
    `/api/v2${path}?limit=100`,
    `/api/v2${path}?limit=100&cursor=abc`,
  ]);
});

test('a sign-in link is made, sessions are listed and ended', async () => {
  const place = { userId: 'usr_1', url: 'https://keys.example.com/sign-in#x' };
  const signInLink = { id: 'link_1', ...place, expiresAt: at };
  const results = [{ signInLink }, { sessions: [session], pagination: END }, { session }];
  const { url, received } = await startPeer((response, attempt) =>
    replyJson(success(results[attempt - 1]))(response, attempt),
  );
  const { sessions } = new Latchkey({ url, key: 'lk_live_x' });
  expect(await sessions.createSignInLink()).toEqual(results[0]);
  expect(await sessions.list()).toEqual(results[1]);
  expect(await sessions.end('ses_1')).toEqual(results[2]);
  expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /api/v2/sign-in-links',
    'GET /api/v2/sessions',
    'DELETE /api/v2/sessions/ses_1',
  ]);
});

test('the provenance of a key is found, and drift is listed', async () => {
  const pagination = { total: 0, limit: 50, offset: 0, hasNext: false, hasPrevious: false, nextCursor: null };
  const { url, received } = await startPeer((response, attempt) => {
    replyJson(success(attempt === 1 ? { provenance } : { apiKeys: [], pagination }))(response, attempt);
  });
  const { keys } = new Latchkey({ url, key: 'lk_live_x' });
  expect(await keys.provenance('key_1')).toEqual({ provenance });
  await keys.list({ exceedsOwner: true });
  expect(received.map(({ path }) => path)).toEqual([
    '/api/v2/api-keys/key_1/provenance',
    '/api/v2/api-keys?exceedsOwner=true',
  ]);
});

test('the account is shown, its default set, offers are accepted or declined, and workspaces are left', async () => {
  const place = { userId: 'usr_1', workspaceId: 'ws_1', workspaceName: 'W', email: 'ada@example.com' };
  const named = { ...place, displayName: 'Ada', roleName: 'Support' };
  const account = {
    defaultWorkspaceId: 'ws_1',
    members: [{ ...named, status: 'active', isDefault: true }],
    offers: [],
  };
  const results = [
    { account },
    { account },
    { member },
    { offer: { id: 'usr_1', ...named } },
    { member, revokedKeys: 1, ended: [] },
    {},
  ];
  const { url, received } = await startPeer((response, attempt) =>
    replyJson(success(results[attempt - 1]))(response, attempt),
  );
  const client = new Latchkey({ url, key: 'a.b.c' });
  expect(await client.account.show()).toEqual(results[0]);
  expect(await client.account.setDefault({ workspaceId: 'ws_1' })).toEqual(results[1]);
  expect(await client.account.join('usr_1')).toEqual(results[2]);
  expect(await client.account.decline('usr_1')).toEqual(results[3]);
  expect(await client.account.leave('ws_1')).toEqual(results[4]);
  expect(await client.sessions.requestSignInLink('ada@example.com')).toEqual(results[5]);
  expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/v2/account',
    'PUT /api/v2/account/default',
    'POST /api/v2/account/offers/usr_1/join',
    'POST /api/v2/account/offers/usr_1/decline',
    'DELETE /api/v2/workspaces/ws_1/members/me',
    'POST /api/v2/sign-in-links/request',
  ]);
});

test('the usage of the workspace is asked for with its period', async () => {
  const result = { usage: [], keys: [], denials: [] };
  const { url, received } = await startPeer(replyJson(success(result)));
  const client = new Latchkey({ url, key: 'lk_live_x' });
  expect(await client.workspaces.usage({ granularity: 'day', limit: 5 })).toEqual(result);
  expect(received[0]?.path).toBe('/api/v2/workspaces/usage?granularity=day&limit=5');
});
