import { afterEach, describe, expect, test } from 'vitest';
import { startMailServer, startSilentServer } from '../../../test/harness/mail-server.ts';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { createLogger } from '../../log-output.ts';
import { SmtpMailer } from '../../mail/smtp-mailer.ts';

const INVITATIONS = '/api/v2/workspaces/invitations';
const PUBLIC_URL = 'https://keys.example.com';
const FROM = 'Latchkey <keys@example.com>';

let service: TestService;
let logs: string[] = [];

afterEach(() => service.close());

/** Starts a service that sends mail through the SMTP server at this port. */
async function startWith(port: number, timeoutMs = 10_000): Promise<void> {
  logs = [];
  const logger = createLogger('debug', { write: (line) => void logs.push(line) });
  const url = `smtp://me:hunter2@127.0.0.1:${port}`;
  const mailer = new SmtpMailer({ url, from: FROM, timeoutMs }, (undelivered) => logger.warn(undelivered));
  service = await startTestService({ mailer, publicUrl: PUBLIC_URL });
}

async function invite(body: Record<string, unknown> = {}) {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, 'Member');
  const answer = await service.call('POST', INVITATIONS, {
    as: service.owner.secret,
    body: { email: 'ada@example.com', roleId: role?.id, ...body },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.data.result as { invitation: { token: string }; emailWarning: string | null };
}

const expectNoSecretInLogs = (token: string) => {
  for (const secret of [token, 'hunter2', service.owner.secret])
    expect(logs.join() + service.logs.join()).not.toContain(secret);
};

test('the invited person gets a mail with the inviter, workspace, role, expiry and the link to accept', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  const { invitation, emailWarning } = await invite({ message: 'Come in' });
  expect(emailWarning).toBeNull();
  expect(mails).toHaveLength(1);
  const [mail] = mails;
  const [link = ''] = /https:\S+#\S+/.exec(mail?.text ?? '') ?? [];
  const token = link.replace(`${PUBLIC_URL}/invitations/accept#`, '');
  expect(token).toMatch(/^lk_invite_/);
  expect(token).not.toBe(invitation.token);
  expect(mail?.to).toEqual(['ada@example.com']);
  expect(mail?.headers).toContain('Subject: Olive Owner invites you to Test');
  expect(mail?.text).toBe(
    [
      'Olive Owner (owner@example.com) invites you to the workspace Test as Member.',
      '> Come in',
      'Accept the invitation by Mon, 30 Nov 2026 09:00:00 GMT:',
      link,
      'Anyone who has this link can accept, once: do not pass it on. If you do not expect an invitation, do nothing.',
    ].join('\n\n'),
  );
  expect(mail?.html).toContain('<blockquote>Come in</blockquote>');
  expect(mail?.html).toContain(`<a href="${link}">`);
  expect(mail?.headers.join()).not.toContain(token);
  const accepted = await service.call('POST', `${INVITATIONS}/accept`, { body: { token } });
  expect(accepted.status).toBe(201);
  for (const secret of [token, invitation.token]) expectNoSecretInLogs(secret);
});

test('user input is escaped in the mail: it cannot inject markup or headers', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  const markup = `<img src=x onerror="a()"> & 'b'`;
  await service.call('PUT', '/api/v2/workspaces', { as: service.owner.secret, body: { name: markup } });
  await invite({ message: markup });
  const [mail] = mails;
  expect(mail?.text).toContain(`> ${markup}`);
  expect(mail?.headers).toContain(`Subject: Olive Owner invites you to ${markup}`);
  expect(mail?.html).not.toContain('<img');
  expect(mail?.html.split('&lt;img src=x onerror=&quot;a()&quot;&gt; &amp; &#39;b&#39;')).toHaveLength(3);
});

test('an address with a line break or a second address in it is denied', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  for (const email of [
    'a@example.com\r\nBcc: eve@example.com',
    'a@example.com,eve@example.com',
    '<a@example.com>',
  ]) {
    const body = { email, roleId: 'role_x' };
    const answer = await service.call('POST', INVITATIONS, { as: service.owner.secret, body });
    expect(answer.status).toBe(400);
  }
  expect(mails).toEqual([]);
});

test('skipEmail: no mail and no warning', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  expect((await invite({ skipEmail: true })).emailWarning).toBeNull();
  expect(mails).toEqual([]);
});

test('a denied invitation sends no mail', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  const body = { email: 'ada@example.com', roleId: 'role_unknown' };
  const answer = await service.call('POST', INVITATIONS, { as: service.owner.secret, body });
  expect(answer.status).toBe(404);
  expect(mails).toEqual([]);
});

describe('if the mail cannot be sent, the invitation stays valid and the answer says what to do', () => {
  async function expectStanding(warning: string): Promise<void> {
    const { invitation, emailWarning } = await invite();
    expect(emailWarning).toBe(`The e-mail was not sent, since ${warning}: pass the token on yourself`);
    const { token } = invitation;
    const accepted = await service.call('POST', `${INVITATIONS}/accept`, { body: { token } });
    expect(accepted.status).toBe(201);
    expect(logs.join()).toContain('"code":');
    expectNoSecretInLogs(token);
  }

  test('a server that rejects the message', async () => {
    const { port } = await startMailServer({
      onData: (stream, _session, callback) =>
        // Its answer contains the message, and so the token, which must not be logged.
        void stream.toArray().then((chunks) => callback(new Error(String(Buffer.concat(chunks))))),
    });
    await startWith(port);
    await expectStanding('the mail server rejected the message (450)');
  });

  test('a server that does not answer', async () => {
    const { port } = await startSilentServer();
    await startWith(port, 50);
    await expectStanding('the mail server did not answer in time');
  });

  test('a server that is not reachable', async () => {
    await startWith(1);
    await expectStanding('the mail server could not be reached');
  });
});

test('an invitation that is sent again is mailed with its message and another link, unless skipEmail is set', async () => {
  const { port, mails } = await startMailServer();
  await startWith(port);
  const linkIn = (mail = mails.at(-1)) => /https:\S+#\S+/.exec(mail?.text ?? '')?.[0];
  await invite({ message: 'Come in' });
  const first = linkIn();
  const listed = await service.call('GET', INVITATIONS, { as: service.owner.secret });
  const { id } = listed.body.data.result.invitations[0];
  const again = await service.call('POST', `${INVITATIONS}/${id}/resend`, { as: service.owner.secret });
  expect(again.body.data.result.emailWarning).toBeNull();
  expect(mails).toHaveLength(2);
  expect(mails[1]?.text).toContain('> Come in');
  expect(linkIn()).not.toBe(first);
  const url = `${INVITATIONS}/${again.body.data.result.invitation.id}/resend`;
  await service.call('POST', url, { as: service.owner.secret, body: { skipEmail: true } });
  expect(mails).toHaveLength(2);
});
