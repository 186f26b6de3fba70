import { describe, expect, test } from 'vitest';
import { startMailServer, startSilentServer } from '../../test/harness/mail-server.ts';
import type { Mail } from '../domain/shared/mail.ts';
import { SmtpMailer, type Undelivered } from './smtp-mailer.ts';

const FROM = 'Latchkey <keys@example.com>';
const MAIL: Mail = { to: 'ada@example.com', subject: 'Grüße 👍', text: 'text €', html: '<p>html €</p>' };

/** Sends one mail; returns the failure and the calls of `onUndelivered`. */
async function send(url: string, { mail = MAIL, timeoutMs = 10_000, password = '' } = {}) {
  const complaints: Undelivered[] = [];
  const mailer = new SmtpMailer({ url, password: password || null, from: FROM, timeoutMs }, (undelivered) =>
    complaints.push(undelivered),
  );
  const failure = await mailer.send(mail);
  return { failure, complaints };
}

test('sends the whole message once, from the configured sender', async () => {
  const { port, mails, logins } = await startMailServer();
  expect(await send(`smtp://127.0.0.1:${port}`)).toEqual({ failure: null, complaints: [] });
  expect(mails).toMatchObject([
    { from: 'keys@example.com', to: [MAIL.to], text: MAIL.text, html: MAIL.html },
  ]);
  expect(mails[0]?.headers).toContain('From: Latchkey <keys@example.com>');
  expect(mails[0]?.headers).toContain(`Subject: ${MAIL.subject}`);
  expect(mails[0]?.headers).toContain('Auto-Submitted: auto-generated');
  expect(logins).toEqual([]);
});

test('logs in with the user and password of the URL, percent-decoded', async () => {
  const { port, logins } = await startMailServer();
  expect((await send(`smtp://me%40example.com:p%40ss%2F1@127.0.0.1:${port}`)).failure).toBeNull();
  expect(logins).toEqual(['me@example.com:p@ss/1']);
});

test('logs in with a separate password without decoding it', async () => {
  const { port, logins } = await startMailServer();
  const sent = await send(`smtp://me@127.0.0.1:${port}`, { password: 'p@ss%2F1' });
  expect(sent.failure).toBeNull();
  expect(logins).toEqual(['me:p@ss%2F1']);
});

describe('nothing in a message can add a header or a recipient', () => {
  const INJECTION = 'x\r\nBcc: eve@example.com\r\n\r\nbody';

  test.each<[string, Partial<Mail>]>([
    ['subject', { subject: INJECTION }],
    ['text', { text: INJECTION }],
    ['address', { to: `ada@example.com${INJECTION}` }],
    ['address', { to: 'ada@example.com, eve@example.com' }],
    ['address', { to: 'Ada <ada@example.com>, <eve@example.com>' }],
  ])('by its %s', async (_field, changes) => {
    const { port, mails } = await startMailServer();
    await send(`smtp://127.0.0.1:${port}`, { mail: { ...MAIL, ...changes } });
    for (const { to, headers } of mails) {
      expect(to).toHaveLength(1);
      expect(to).not.toContain('eve@example.com');
      expect(headers.filter((line) => /^bcc:/i.test(line))).toEqual([]);
    }
  });
});

describe('a failure is returned in words and reported without the content of the message', () => {
  const rejection = (reply: number) => Object.assign(new Error(`no ${MAIL.text}`), { responseCode: reply });

  test('when the server rejects the recipient or the message', async () => {
    const recipient = await startMailServer({
      onRcptTo: (_to, _session, callback) => callback(rejection(550)),
    });
    expect(await send(`smtp://127.0.0.1:${recipient.port}`)).toEqual({
      failure: 'the mail server rejected the message (550)',
      complaints: [{ code: 'EENVELOPE', reply: 550 }],
    });
    const message = await startMailServer({
      onData: (stream, _session, callback) => void stream.resume().on('end', () => callback(rejection(554))),
    });
    expect(await send(`smtp://127.0.0.1:${message.port}`)).toEqual({
      failure: 'the mail server rejected the message (554)',
      complaints: [{ code: 'EMESSAGE', reply: 554 }],
    });
  });

  test('when the password is wrong', async () => {
    const { port, mails } = await startMailServer();
    const { failure, complaints } = await send(`smtp://me:wrong@127.0.0.1:${port}`);
    expect(failure).toBe('the mail server did not accept the user or password of this service');
    expect(complaints).toEqual([{ code: 'EAUTH', reply: 535 }]);
    expect(mails).toEqual([]);
  });

  test('when no server listens', async () => {
    expect((await send('smtp://127.0.0.1:1')).failure).toBe('the mail server could not be reached');
  });

  test('when the server never sends a greeting: sending is aborted and the connection closed', async () => {
    const { port, sockets } = await startSilentServer();
    const { failure } = await send(`smtp://127.0.0.1:${port}`, { timeoutMs: 50 });
    expect(failure).toBe('the mail server did not answer in time');
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('when the server reads the message and never replies', async () => {
    const { port } = await startMailServer({ onData: (stream) => void stream.resume() });
    const { failure } = await send(`smtp://127.0.0.1:${port}`, { timeoutMs: 200 });
    expect(failure).toBe('the mail server did not answer in time');
  });

  test('when a password would leave this machine without TLS', async () => {
    const { port, mails, logins } = await startMailServer({ disabledCommands: ['STARTTLS'] });
    // This machine, by an address that the mailer does not recognise as loopback.
    const elsewhere = `[::ffff:127.0.0.1]:${port}`;
    const { failure } = await send(`smtp://me:secret@${elsewhere}`);
    expect(failure).toBe('there was no safe connection to the mail server');
    expect({ mails, logins }).toEqual({ mails: [], logins: [] });
    expect((await send(`smtp://${elsewhere}`)).failure).toBeNull();
  });

  test('when its certificate cannot be verified: neither mail nor password is sent', async () => {
    const { port, mails, logins } = await startMailServer({ secure: true });
    const { failure } = await send(`smtps://me:secret@127.0.0.1:${port}`);
    expect(failure).toBe('there was no safe connection to the mail server');
    expect({ mails, logins }).toEqual({ mails: [], logins: [] });
  });
});
