import { SESSION_COOKIE } from '@latchkey/contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ReceivedMail, startMailServer } from '../../../test/harness/mail-server.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { SmtpMailer } from '../../mail/smtp-mailer.ts';

const REQUEST = '/api/v2/sign-in-links/request';
const INVITATIONS = '/api/v2/workspaces/invitations';
const FROM = 'Latchkey <keys@example.com>';

let service: TestService;
let mails: readonly ReceivedMail[];

beforeEach(async () => {
  const server = await startMailServer();
  mails = server.mails;
  const mail = { url: `smtp://127.0.0.1:${server.port}`, from: FROM, timeoutMs: 10_000 };
  service = await startTestService({ mailer: new SmtpMailer(mail, () => {}) });
});
afterEach(() => service.close());

const request = (email: string) => service.call('POST', REQUEST, { body: { email } });

const mailed = async (count: number): Promise<ReceivedMail> => {
  await vi.waitFor(() => expect(mails.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  const mail = mails[count - 1];
  if (!mail) throw new Error('There is no mail');
  return mail;
};

const tokensIn = ({ text }: ReceivedMail): string[] =>
  [...text.matchAll(/#(\S+)/g)].map(([, token = '']) => token);

const cookieOf = ({ headers }: Answer): string =>
  new RegExp(`^${SESSION_COOKIE}=([^;]*)`).exec(String(headers['set-cookie']))?.[1] ?? '';

async function signedInBy(token: string): Promise<string> {
  const answer = await service.call('POST', '/api/v2/sessions', { body: { token } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return cookieOf(answer);
}

const accountOf = async (session: string) =>
  (await service.call('GET', '/api/v2/account', { session })).body.data.result.account;

async function inviteTo(workspace: TestService['owner'], email: string, skipEmail = true) {
  const role = await service.storage.roles.findByName(workspace.workspaceId, 'Member');
  const body = { email, roleId: role?.id, skipEmail };
  const { status, body: answer } = await service.call('POST', INVITATIONS, { as: workspace.secret, body });
  expect(status).toBe(201);
  return answer.data.result.invitation.token as string;
}

const accept = (token: string) => service.call('POST', `${INVITATIONS}/accept`, { body: { token } });

test('the answer is identical for a known and an unknown address', async () => {
  const texts = new Set<string>();
  for (const email of ['owner@example.com', 'unknown@example.com']) {
    const { status, headers, body } = await request(email);
    expect(status).toBe(202);
    const { 'x-request-id': _, date: __, ...fields } = headers;
    texts.add(JSON.stringify([body, fields]));
  }
  expect(texts.size).toBe(1);
  expect((await mailed(1)).to).toEqual(['owner@example.com']);
});

test('the storage is not used before the answer, so that the answer takes the same time for every address', async () => {
  const { storage } = service;
  let reads = 0;
  for (const store of [storage.members, storage.accounts, storage.workspaces]) {
    const listing = store as unknown as Record<string, (...values: unknown[]) => unknown>;
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) {
      const method = listing[name];
      if (name === 'constructor' || typeof method !== 'function') continue;
      listing[name] = (...values) => {
        reads++;
        return method.apply(store, values);
      };
    }
  }
  await request('owner@example.com');
  const beforeAnswer = reads;
  await mailed(1);
  expect(reads).toBeGreaterThan(beforeAnswer);
  expect(beforeAnswer).toBe(0);
});

test('a mailed link signs the person in to their account, once, and claims only the member of the link', async () => {
  const other = await service.addWorkspace();
  await accept(await inviteTo(other, 'owner@example.com'));
  await request('OWNER@example.com');
  const mail = await mailed(1);
  const [here = '', there = ''] = tokensIn(mail);
  expect(mail.text).toContain('Test, as Olive Owner:');
  const session = await signedInBy(here);
  const account = await accountOf(session);
  expect(account.members).toMatchObject([{ userId: service.owner.userId }]);
  expect(account.offers).toMatchObject([{ workspaceId: other.workspaceId }]);
  const again = await service.call('POST', '/api/v2/sessions', { body: { token: here } });
  expect(again.status).toBe(404);
  service.clock.advance(1);
  expect((await accountOf(await signedInBy(there))).members).toHaveLength(2);
});

test('a request does not change an open link', async () => {
  const link = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret });
  await request('owner@example.com');
  await request('owner@example.com');
  const [first, second] = [tokensIn(await mailed(1)), tokensIn(await mailed(2))];
  const shown = new URL(link.body.data.result.signInLink.url).hash.slice(1);
  await signedInBy(shown);
  await signedInBy(second[0] ?? '');
  // The claim by the second link ended earlier sessions and links.
  const late = await service.call('POST', '/api/v2/sessions', { body: { token: first[0] } });
  expect(late.status).toBe(404);
});

test('a suspended member, and a member of another account, get no link', async () => {
  const userId = await service.addMember('Viewer');
  const member = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
  await service.call('PUT', member, { as: service.owner.secret, body: { status: 'suspended' } });
  await request(`${userId}@example.com`);
  await request('owner@example.com');
  expect((await mailed(1)).to).toEqual(['owner@example.com']);
});

test('more than three requests for an address get the same answer but no mail; the eleventh call is denied', async () => {
  for (let count = 0; count < 5; count++) expect((await request('owner@example.com')).status).toBe(202);
  for (let count = 0; count < 5; count++) expect((await request(`x${count}@example.com`)).status).toBe(202);
  const denied = await request('other@example.com');
  expect([denied.status, denied.body.data.error.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(denied.headers['retry-after'])).toBeGreaterThan(0);
  await mailed(3);
});

test('the token in the mail of an invitation proves the address: the member belongs to the account', async () => {
  await inviteTo(service.owner, 'ada@example.com', false);
  const [token = ''] = tokensIn(await mailed(1));
  const accepted = await accept(token);
  const { userId } = accepted.body.data.result.member;
  expect((await accountOf(cookieOf(accepted))).members).toMatchObject([{ userId, isDefault: true }]);
});

test('the token in the answer to the inviter does not, and using it ends the mailed token', async () => {
  const shown = await inviteTo(service.owner, 'ada@example.com', false);
  const [token = ''] = tokensIn(await mailed(1));
  const accepted = await accept(shown);
  const session = cookieOf(accepted);
  expect((await service.call('GET', '/api/v2/account', { session })).status).toBe(403);
  expect((await accept(token)).status).toBe(409);
});

test('409 if the service sends no mail', async () => {
  const silent = await startTestService();
  const answer = await silent.call('POST', REQUEST, { body: { email: 'owner@example.com' } });
  expect([answer.status, answer.body.data.error.code]).toEqual([409, 'CONFLICT']);
  await silent.close();
});
