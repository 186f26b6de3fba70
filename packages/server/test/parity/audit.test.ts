import { readFileSync } from 'node:fs';
import { AUDIT_EVENT_TYPES, AUDIT_EVENTS, ENDPOINTS, type Endpoint, needsAccount } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { isChange, SAMPLE_REQUESTS } from '../harness/sample-requests.ts';
import { makeSubject } from '../harness/subject.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const GUIDE = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');

let service: TestService;

beforeEach(async () => {
  // There is no mail server: other tests cover the mails.
  const mail = { url: 'smtp://127.0.0.1:1', from: 'Latchkey <keys@example.com>', timeoutMs: 10_000 };
  service = await startTestService({ mailer: new SmtpMailer(mail, () => {}) });
  // The last workspace with a key could not be deleted.
  await service.addWorkspace();
});
afterEach(() => service.close());

describe('audit events', () => {
  test('docs/audit.md has a row with the phrase of each event, and no other rows', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| ([^|]+) \|/gm)].map(
      ([, type, phrase]) => `${type} ${phrase}`,
    );
    expect(rows).toEqual(AUDIT_EVENT_TYPES.map((type) => `${type} ${AUDIT_EVENTS[type]}`));
  });
});

async function entries(): Promise<number> {
  return (await service.storage.audit.head(service.owner.workspaceId)).sequence;
}

/** How many entries a successful call of the endpoint adds. */
async function entriesOf(endpoint: Endpoint): Promise<number> {
  const subject = await makeSubject(service);
  const { url, body } = SAMPLE_REQUESTS[endpoint.id]?.(subject) ?? { url: '' };
  const before = await entries();
  const { status } = await service.call(endpoint.method, url, { as: service.owner.secret, body });
  expect(status).toBe(endpoint.status);
  await service.flush();
  return (await entries()) - before;
}

/** Calls about an account alone add no entry to the log of a workspace; `account.test.ts` covers the other account calls. */
const OF_KEYS = ENDPOINTS.filter((endpoint) => !needsAccount(endpoint));

/**
 * Calls that add more than one entry: accepting an invitation opens a session, deleting a role ends its open invitation, and
 * a new sign-in link ends the open one, as an invitation that is sent again ends the one before.
 */
const CHANGED: Readonly<Record<string, number>> = {
  acceptInvitation: 2,
  deleteRole: 2,
  createSignInLink: 2,
  resendInvitation: 2,
};

describe.each(OF_KEYS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    test(isChange(endpoint) ? 'leaves an entry for each thing that it changes' : 'leaves none', async () => {
      expect(await entriesOf(endpoint)).toBe(isChange(endpoint) ? (CHANGED[endpoint.id] ?? 1) : 0);
    });
  },
);
