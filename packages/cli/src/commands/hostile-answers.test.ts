import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../test/harness/run-cli.ts';

const ESCAPE = '\u001b]0;owned\u0007\u009b2J';

const apiKey = {
  id: `key_${ESCAPE}`,
  key: `lk_${ESCAPE}`,
  workspaceId: 'ws_1',
  userId: 'usr_1',
  name: `x${ESCAPE}\ny`,
  isActive: true,
  createdAt: ESCAPE,
  lastUsedAt: ESCAPE,
  expiresAt: ESCAPE,
  rateLimit: { requestsPerMinute: null, requestsPerDay: null },
  permissions: [`agents:${ESCAPE}`],
  creator: { id: 'usr_1', email: ESCAPE, displayName: ESCAPE },
  createdBy: { kind: 'key', userId: 'usr_1', keyId: ESCAPE },
  revokedAt: ESCAPE,
  revokedReason: ESCAPE,
  status: 'active',
  use: 'api',
};
const pagination = { total: 1, limit: 50, offset: 0, hasNext: false, hasPrevious: false, nextCursor: null };
const error = {
  code: ESCAPE,
  details: [{ field: ESCAPE, message: ESCAPE }],
  requestId: ESCAPE,
  retryable: false,
};

async function startHostileService(status: number, body: unknown): Promise<NodeJS.ProcessEnv> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { LATCHKEY_URL: `http://127.0.0.1:${port}`, LATCHKEY_KEY: 'lk_x', NO_COLOR: '1' };
}

const success = (result: unknown) => ({ success: true, data: { message: ESCAPE, result } });

const usage = [{ at: ESCAPE, allowed: 1, denied: { [ESCAPE]: 2 } }];
const rateLimit = {
  ...apiKey.rateLimit,
  remainingThisMinute: null,
  remainingToday: null,
  retryAfterSeconds: null,
};
const steps = [{ step: ESCAPE, passes: false, code: ESCAPE, note: ESCAPE }];
const refusals = [{ at: ESCAPE, code: ESCAPE, step: ESCAPE, missing: [ESCAPE], cost: 1 }];
const explanation = { valid: false, code: ESCAPE, missing: [ESCAPE], rateLimit, steps };

const member = {
  userId: 'usr_1',
  workspaceId: 'ws_1',
  email: `dana${ESCAPE}`,
  displayName: ESCAPE,
  roleId: 'role_1',
  roleName: ESCAPE,
  status: 'active',
  createdAt: ESCAPE,
  updatedAt: ESCAPE,
};
const role = {
  id: 'role_1',
  workspaceId: 'ws_1',
  name: ESCAPE,
  description: ESCAPE,
  permissions: [`agents:${ESCAPE}`],
  isSystem: false,
  isDefault: false,
  memberCount: 1,
  assignable: true,
  createdAt: ESCAPE,
  updatedAt: ESCAPE,
};
const invitation = {
  id: `inv_${ESCAPE}`,
  workspaceId: 'ws_1',
  inviterId: 'usr_1',
  email: ESCAPE,
  roleId: 'role_1',
  roleName: ESCAPE,
  status: 'pending',
  acceptUrl: `https://x.example/${ESCAPE}`,
  expiresAt: ESCAPE,
  createdAt: ESCAPE,
  updatedAt: ESCAPE,
  acceptedAt: null,
  inviterEmail: ESCAPE,
  inviterDisplayName: ESCAPE,
};
const workspace = {
  id: 'ws_1',
  name: ESCAPE,
  permissionMode: 'frozen',
  status: 'active',
  createdAt: ESCAPE,
  updatedAt: ESCAPE,
};
const session = {
  id: `ses_${ESCAPE}`,
  workspaceId: 'ws_1',
  userId: 'usr_1',
  createdAt: ESCAPE,
  lastSeenAt: ESCAPE,
  expiresAt: ESCAPE,
  address: ESCAPE,
  agent: ESCAPE,
  isCurrent: false,
};
const entry = {
  id: 'log_1',
  workspaceId: 'ws_1',
  eventType: ESCAPE,
  actorId: ESCAPE,
  actorEmail: ESCAPE,
  createdAt: ESCAPE,
  eventDescription: ESCAPE,
  metadata: {
    sequence: 1,
    hash: ESCAPE,
    credential: { kind: 'key', keyId: ESCAPE },
    address: ESCAPE,
    agent: ESCAPE,
    requestId: ESCAPE,
    target: { kind: 'api-key', id: ESCAPE },
    before: null,
    after: null,
    refusal: ESCAPE,
  },
};
const caller = { kind: 'key', userId: 'usr_1', workspaceId: 'ws_1', permissions: [] };
const verdict = { valid: false, code: 'KEY_REVOKED', apiKey, missing: [ESCAPE], rateLimit };
/** A result that has the fields of every endpoint. */
const everything = success({
  ...{ caller, member, members: [member], role, roles: [role], invitation, invitations: [invitation] },
  ...{ workspace, workspaces: [workspace], session, sessions: [session], key: ESCAPE, apiKeys: [apiKey] },
  ...{ logs: [entry], uniqueEventTypes: [], pagination, emailWarning: ESCAPE, revokedKeys: 1, ended: [] },
  effectiveBy: ESCAPE,
  exceedingKeys: [
    { id: ESCAPE, userId: 'usr_1', name: ESCAPE, key: ESCAPE, lastUsedAt: null, exceeding: [ESCAPE] },
  ],
});

test.each([
  'members list',
  'members show usr_1',
  'members set-role usr_1 role_1',
  'members suspend usr_1 --yes',
  'members suspend usr_1',
  'members remove usr_1',
  'members remove usr_1 --yes',
  'roles list',
  'roles show role_1',
  'roles update role_1 --add calls:read',
  'roles delete role_1',
  'roles delete role_1 --yes',
  'invitations list',
  'invitations create dana@example.com --role role_1',
  'invitations resend inv_1',
  'invitations revoke inv_1 --yes',
  'workspaces list',
  'workspaces create x',
  'workspaces rename x',
  'workspaces delete ws_1',
  'workspaces delete ws_1 --yes',
  'sessions list',
  'logs list',
  'keys find --last-four 2J2J',
])('%s prints no escape sequence of the service to the terminal', async (args) => {
  const env = await startHostileService(200, everything);
  for (const columns of [80, 300]) {
    const { stdout, stderr } = await runCli(args.split(' '), { env, columns });
    // A prompt moves the cursor with these sequences only.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
    const shown = (stdout + stderr).replaceAll(/\u001b\[\d+[GJ]|\n/g, '');
    expect(shown).not.toMatch(/\p{Cc}/u);
    expect(shown).not.toContain('internal');
    if (!args.startsWith('keys find')) expect(stdout + stderr).toContain('\\u{1b}');
  }
});

test('keys verify and keys find print no escape sequence of the service to the terminal', async () => {
  const env = await startHostileService(200, success(verdict));
  for (const command of ['verify', 'find']) {
    const { stdout, stderr } = await runCli(['keys', command], { env, stdin: 'lk_y' });
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).toContain('\\u{1b}');
  }
});

test.each<[string, number, unknown]>([
  ['list', 200, success({ apiKeys: [apiKey], pagination })],
  ['show key_1', 200, success({ apiKey })],
  ['create --name x --user usr_1', 200, success({ apiKey, key: ESCAPE })],
  ['revoke key_1 --yes', 200, success({ apiKey, effectiveBy: ESCAPE, livingDescendants: 1, ended: [] })],
  ['usage key_1', 200, success({ usage })],
  ['explain key_1', 200, success({ explanation, refusals })],
  ['show key_1', 400, { success: false, data: { message: ESCAPE, error } }],
])(
  'keys %s (HTTP %i) prints no escape sequence of the service to the terminal',
  async (args, status, body) => {
    const env = await startHostileService(status, body);
    for (const columns of [80, undefined]) {
      const { stdout, stderr } = await runCli(['keys', ...args.split(' ')], {
        env,
        ...(columns !== undefined && { columns }),
      });
      expect(stdout + stderr).toMatch(/^[^\p{Cc}]*$/mu);
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      expect(stdout + stderr).toContain('\\u{1b}');
    }
  },
);
