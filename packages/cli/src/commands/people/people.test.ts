import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const latchkey = (...args: string[]) => runCli(args, { env: service.env });
const atTerminal = (stdin: string, ...args: string[]) =>
  runCli(args, { env: { ...service.env, NO_COLOR: '1' }, stdin, columns: 80 });

async function json(...args: string[]) {
  const { stdout, stderr } = await latchkey(...args, '--json');
  expect(stdout, stderr).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

let invited = 0;

/** Creates a member through an accepted invitation. */
async function newMember(role = 'Member'): Promise<{ email: string; userId: string }> {
  const email = `member${invited++}@example.com`;
  const { invitation } = await json('invitations', 'create', email, '--role', role);
  const answer = await fetch(`${service.url}/api/v2/workspaces/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: invitation.token, displayName: 'Dana' }),
  });
  expect(answer.status).toBe(201);
  const { member } = await json('members', 'show', email);
  return { email, userId: member.userId };
}

describe('members', () => {
  test('list shows each with address, role and status within 80 columns', async () => {
    const { email } = await newMember();
    const { exitCode, stdout } = await atTerminal('', 'members', 'list');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ID +EMAIL +.*ROLE +STATUS/);
    expect(stdout).toContain(email);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('set-role takes address and name of a role in any case, and lists keys that exceed it', async () => {
    const { email } = await newMember();
    expect((await json('members', 'set-role', email.toUpperCase(), 'viewer')).member.roleName).toBe('Viewer');
    expect((await latchkey('members', 'set-role', email, 'Admin')).stdout).toMatch(/^role +Admin \(/m);
  });

  test('suspend and activate change the status; suspend asks first', async () => {
    const { email, userId } = await newMember();
    const denied = await atTerminal('n\n', 'members', 'suspend', email);
    expect(denied).toMatchObject({ exitCode: 1, stdout: '' });
    expect(denied.stderr).toContain(`Suspend Dana <${email}>?`);
    expect((await json('members', 'suspend', userId, '--yes')).member.status).toBe('suspended');
    expect((await json('members', 'activate', userId)).member.status).toBe('active');
  });

  test('remove asks with the number of keys, and prints how many were revoked', async () => {
    const { email, userId } = await newMember('Admin');
    await json('keys', 'create', '--name', 'Theirs', '--user', userId, '--permissions', 'calls:read');
    const { exitCode, stdout, stderr } = await atTerminal('y\n', 'members', 'remove', email);
    expect(stderr).toContain(`Remove Dana <${email}> and revoke their 1 key permanently? [y/N]`);
    expect([exitCode, stdout]).toEqual([0, `Removed ${email} (${userId}) and revoked 1 key.\n`]);
    expect((await latchkey('members', 'show', email)).exitCode).toBe(4);
  });

  test('a script must pass --yes to remove', async () => {
    const { email } = await newMember();
    expect((await latchkey('members', 'remove', email)).exitCode).toBe(2);
    expect((await latchkey('members', 'show', email)).exitCode).toBe(0);
  });

  test('an unknown member: exit code 4 and a hint', async () => {
    const { exitCode, stderr } = await latchkey('members', 'show', 'unknown@example.com');
    expect(exitCode).toBe(4);
    expect(stderr).toBe(
      'error: no member has the id or the address unknown@example.com\nhint: latchkey members list shows them\n',
    );
  });

  test('an error of the service is printed with its details', async () => {
    const { exitCode, stderr } = await latchkey('members', 'remove', 'owner@example.com', '--yes');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: .*owner.*\n {2}request req_/)]);
  });
});

test('a change that takes the last key that can create keys needs --force', async () => {
  const shared = service;
  service = await startLiveService();
  onTestFinished(async () => {
    await service.close();
    service = shared;
  });
  const { email, userId } = await newMember('Admin');
  const { key } = await json('keys', 'create', '--name', 'Admin', '--user', userId);
  const owned = (await json('keys', 'list')).apiKeys.filter(
    (one: { userId: string }) => one.userId !== userId,
  );
  for (const { id } of owned) await json('keys', 'revoke', id, '--yes');
  const asAdmin = (...args: string[]) => runCli(args, { env: { ...service.env, LATCHKEY_KEY: key } });
  for (const change of [
    ['members', 'set-role', email, 'Viewer', '--revoke-exceeding'],
    ['members', 'suspend', email, '--yes'],
    ['members', 'remove', email, '--yes'],
  ])
    expect((await asAdmin(...change)).stderr, change.join(' ')).toContain('hint: add --force');
  expect((await asAdmin('members', 'suspend', email, '--yes', '--force')).exitCode).toBe(0);
});

describe('roles', () => {
  test('are created, changed by adding and removing permissions, shown and deleted', async () => {
    const made = await json('roles', 'create', '--name', 'Support', '--permissions', 'calls:read');
    expect(made.role).toMatchObject({ name: 'Support', permissions: ['calls:read'] });
    const changed = await json(
      'roles',
      'update',
      'support',
      '--add',
      'agents:read',
      '--remove',
      'calls:read',
    );
    expect(changed.role.permissions).toEqual(['agents:read']);
    expect((await latchkey('roles', 'show', 'Support')).stdout).toMatch(/^permissions +agents: read$/m);
    const kept = await atTerminal('n\n', 'roles', 'delete', 'Support');
    expect(kept.stderr).toContain(`Delete the role "Support" (${made.role.id})? [y/N]`);
    expect(await latchkey('roles', 'delete', 'Support', '--yes')).toMatchObject({
      exitCode: 0,
      stdout: `Deleted the role Support (${made.role.id}).\n`,
    });
    expect((await latchkey('roles', 'show', 'Support')).exitCode).toBe(4);
  });

  test('list shows how many members and permissions each has', async () => {
    const { stdout } = await atTerminal('', 'roles', 'list');
    expect(stdout).toMatch(/^ID +NAME +KIND +MEMBERS +PERMISSIONS/);
    expect(stdout).toMatch(/ Owner +system +1 +101/);
  });

  test('an update without a change is wrong usage', async () => {
    expect((await latchkey('roles', 'update', 'Member')).exitCode).toBe(2);
  });
});

describe('invitations', () => {
  test('resend prints a new URL, and the old invitation is revoked', async () => {
    const { invitation } = await json('invitations', 'create', 'gita@example.com');
    const again = await json('invitations', 'resend', invitation.id);
    expect(again.invitation).toMatchObject({ email: 'gita@example.com', status: 'pending' });
    expect(again.invitation.acceptUrl).not.toBe(invitation.acceptUrl);
    const { invitations } = await json('invitations', 'list');
    const statusOf = (id: string) => invitations.find((each: { id: string }) => each.id === id)?.status;
    expect(statusOf(invitation.id)).toBe('revoked');
  });

  test('create prints the URL to accept, and why no e-mail was sent', async () => {
    const { stdout, stderr } = await latchkey('invitations', 'create', 'eve@example.com', '--role', 'Viewer');
    expect(stdout).toMatch(/^accept at +http:\/\/127\.0\.0\.1:\d+\/\S+lk_invite_\w{49}$/m);
    expect(stderr).toMatch(/^warning: .*mail/);
  });

  test('list shows them without their tokens, and revoke revokes one', async () => {
    const { invitation } = await json('invitations', 'create', 'finn@example.com');
    const { stdout } = await latchkey('invitations', 'list');
    expect(stdout).toContain('finn@example.com');
    expect(stdout).not.toContain('lk_invite_');
    const { exitCode, stderr } = await atTerminal('y\n', 'invitations', 'revoke', invitation.id);
    expect(stderr).toContain(`Revoke the invitation of finn@example.com (${invitation.id})?`);
    expect(exitCode).toBe(0);
    const { invitations } = await json('invitations', 'list');
    expect(invitations.find(({ id }: { id: string }) => id === invitation.id).status).toBe('revoked');
  });
});

describe('workspaces', () => {
  test('create shows the first key once, or keeps it in a private file', async () => {
    const made = await json('workspaces', 'create', 'Staging');
    expect(made.key).toMatch(/^lk_live_/);
    const file = join(temporaryFolder(), 'key');
    const { stdout } = await latchkey('workspaces', 'create', 'Testing', '--secret-file', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout).not.toContain(readFileSync(file, 'utf8').trim());
  });

  test('rename and delete act on the workspace of the key; delete asks with its number of keys', async () => {
    const { key, workspace } = await json('workspaces', 'create', 'Short-lived');
    const env = { ...service.env, LATCHKEY_KEY: key };
    expect((await runCli(['workspaces', 'rename', 'Renamed'], { env })).stdout).toMatch(/^name +Renamed$/m);
    const asked = await runCli(['workspaces', 'delete', workspace.id], { env, stdin: 'n\n', columns: 80 });
    expect(asked.stderr).toContain(
      `Delete the workspace "Renamed" (${workspace.id}) with its 1 key permanently?`,
    );
    expect((await runCli(['workspaces', 'list'], { env })).stdout).toContain('Renamed');
    expect((await runCli(['workspaces', 'delete', workspace.id, '--yes'], { env })).exitCode).toBe(0);
    expect((await runCli(['workspaces', 'list'], { env })).exitCode).toBe(3);
  });
});

test('sessions: prints a message for none; lists and ends an open session', async () => {
  expect((await latchkey('sessions', 'list')).stdout).toBe('No sessions.\n');
  const { signInLink } = await json('sign-in');
  await fetch(`${service.url}/api/v2/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify({ token: signInLink.url.split('#')[1] }),
  });
  const { sessions } = await json('sessions', 'list');
  expect(sessions).toHaveLength(1);
  expect((await latchkey('sessions', 'end', sessions[0].id)).stdout).toBe(
    `Ended the session ${sessions[0].id}.\n`,
  );
  expect((await json('sessions', 'list')).sessions).toEqual([]);
});

test('logs list shows filtered entries, and prints how to see more', async () => {
  await json('keys', 'create', '--name', 'Logged', '--no-permissions');
  const { stdout } = await atTerminal('', 'logs', 'list', '--event', 'api-key.created');
  expect(stdout).toMatch(/^.*WHEN +EVENT +BY/);
  for (const line of stdout.trimEnd().split('\n').slice(1)) expect(line).toContain('api-key.created');
  expect((await latchkey('logs', 'list', '--limit', '1')).stderr).toMatch(/^1 of \d+ entries; see more with/);
  expect((await latchkey('logs', 'list', '--search', 'no such thing')).stdout).toBe('No entries.\n');
});
