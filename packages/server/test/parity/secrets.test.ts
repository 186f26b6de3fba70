import { BASE62, containsMostOfSecret, containsSecret, redactSecrets } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Keyring } from '../../src/domain/shared/keyring.ts';
import { generateInvitationToken, generateKeyText, generateToken } from '../../src/domain/shared/tokens.ts';
import { pendingCookie } from '../../src/http/pages/provider-pages.ts';
import { createLogger } from '../../src/log-output.ts';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../harness/test-service.ts';

const API = '/api/v2';

/** Every generator of a secret. */
const GENERATORS: Readonly<Record<string, () => string>> = {
  'a key': () => generateKeyText('lk', 'live'),
  'a key of a workspace with labels of its own': () => generateKeyText('acme', 'test'),
  'a session token': () => generateToken('session'),
  'a sign-in token': () => generateToken('signin'),
  'an invitation token': generateInvitationToken,
  'an old invitation token': () => `lki_${[...BASE62].toReversed().slice(0, 43).join('')}`,
  'a pending sign-in': pendingSignIn,
};

function pendingSignIn(): string {
  const pending = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
  const cookie = pendingCookie(new Keyring(Buffer.alloc(32, 1)), pending as never, 0);
  return /=([^;]+)/.exec(cookie)?.[1] ?? expect.unreachable();
}

const percent = (text: string) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');
const randomPart = (secret: string) => secret.slice(secret.indexOf('_', 4) + 1);

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  return service.call(method, API + path, { as: service.owner.secret, ...options });
}

/** Everything that the service has stored or logged. */
async function written(): Promise<string> {
  await service.flush();
  service.clock.advance(60_000);
  const audit = await call('GET', '/workspaces/logs/export');
  return service.logs.join('') + String(audit.body);
}

async function expectNowhere(secret: string, answer: Answer): Promise<void> {
  const texts = JSON.stringify([answer.body, answer.headers]) + (await written());
  expect(texts).not.toContain(secret.slice(0, 30));
  expect(texts).not.toContain(randomPart(secret).slice(0, 22));
}

describe.each(Object.entries(GENERATORS))('%s', (_, generate) => {
  test('is found in any text, whole or most of it, and taken out', () => {
    const secret = generate();
    for (const text of [
      secret,
      `for ${secret}, the new one`,
      `https://host/accept#${secret}`,
      `"${secret}"`,
    ]) {
      expect([containsSecret(text), containsMostOfSecret(text)]).toEqual([true, true]);
      expect(redactSecrets(text)).not.toContain(randomPart(secret).slice(0, 22));
    }
    expect(redactSecrets(secret.slice(0, -8))).not.toContain(randomPart(secret).slice(0, 22));
  });

  test.each([
    ['DELETE', (secret: string) => `/workspaces/invitations/${secret}`],
    ['GET', (secret: string) => `/api-keys/${secret}`],
    ['GET', (secret: string) => `/api-keys/${percent(secret)}`],
    ['GET', (secret: string) => `/api-keys/${encodeURIComponent(percent(secret))}`],
    ['GET', (secret: string) => `/api-keys?search=${secret}`],
    ['GET', (secret: string) => `/workspaces/logs?search=${percent(`https://host/accept#${secret}`)}`],
    ['GET', (secret: string) => `/nowhere?next=${encodeURIComponent(`https://host/#${secret}`)}`],
  ])('in the URL of %s %s is denied, and is in no answer, log line or audit entry', async (method, path) => {
    const secret = generate();
    const answer = await call(method, path(secret));
    expect([answer.status, answer.body.data.error.code]).toEqual([400, 'CREDENTIALS_IN_URL']);
    await expectNowhere(secret, answer);
  });

  test.each([
    ['cut short', (secret: string) => secret.slice(0, 40)],
    ['cut short and encoded', (secret: string) => percent(secret.slice(0, 40))],
  ])('%s, where an id belongs, is in no answer, log line or audit entry', async (_what, shorten) => {
    const secret = generate();
    for (const path of ['/workspaces/invitations/', '/api-keys/']) {
      const answer = await call('DELETE', path + shorten(secret));
      expect(answer.status).toBe(404);
      await expectNowhere(secret, answer);
    }
  });

  test.each([
    ['the name of a key', 'POST', '/api-keys', (name: string) => ({ name, userId: service.owner.userId })],
    ['the name of a workspace', 'PUT', '/workspaces', (name: string) => ({ name })],
    ['a message', 'POST', '/workspaces/invitations', (message: string) => ({ ...invitation(), message })],
  ])('in %s is denied and not repeated', async (_what, method, path, body) => {
    const secret = generate();
    const answer = await call(method, path, { body: body(`for ${secret}`) });
    expect([answer.status, answer.body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
    await expectNowhere(secret, answer);
  });

  test.each([
    ['a field name', 'POST', '/api-keys', (secret: string) => ({ name: 'x', [secret]: true })],
    ['a value', 'POST', '/api-keys', (secret: string) => ({ name: 'x', permissions: [secret] })],
    ['an id', 'DELETE', '/api-keys', (secret: string) => ({ ids: [secret.slice(0, 60)] })],
    ['a user id', 'POST', '/api-keys', (secret: string) => ({ name: 'x', userId: secret.slice(0, 60) })],
    ['a reason', 'DELETE', '/api-keys/key_x', (reason: string) => ({ reason })],
  ])(
    'in %s of a body is repeated in no answer, as JSON or as a problem',
    async (_what, method, path, body) => {
      const secret = generate();
      for (const Accept of ['application/json', 'application/problem+json']) {
        const answer = await call(method, path, {
          body: body(secret),
          headers: { Accept, 'User-Agent': secret },
        });
        await expectNowhere(secret, answer);
      }
    },
  );

  test('in a log line is taken out', () => {
    const secret = generate();
    const lines: string[] = [];
    createLogger('info', { write: (line) => void lines.push(line) }).info({ seen: secret }, `seen ${secret}`);
    expect(lines.join('')).not.toContain(randomPart(secret).slice(0, 22));
  });
});

function invitation(): object {
  return { email: 'someone@example.com', roleId: 'role_x' };
}
