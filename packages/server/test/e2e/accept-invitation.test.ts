import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { launchChromium } from '../harness/chromium.ts';
import { complaintsOf } from '../harness/dashboard.ts';
import { inject } from '../harness/inject.ts';
import { type MailServer, startMailServer } from '../harness/mail-server.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const INVITATIONS = '/api/v2/workspaces/invitations';

let browser: Browser;
let mailServer: MailServer;
let service: TestService;
let url: string;
let page: Page;
/** The requests of the browser, and its console errors. */
let requested: string[];
let complaints: readonly string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  mailServer = await startMailServer();
  const settings = { url: `smtp://127.0.0.1:${mailServer.port}`, from: 'keys@example.com' };
  service = await startTestService({ publicUrl: null, mailer: new SmtpMailer(settings, () => undefined) });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  // The screen size of a phone.
  page = await browser.newPage({ viewport: { width: 360, height: 640 } });
  requested = [];
  complaints = complaintsOf(page);
  page.on('request', (request) => requested.push(request.url().split('#')[0] ?? ''));
});
afterEach(async () => {
  await page.context().close();
  await service.close();
});

/** Invites a person and returns the link in the mail that they received. */
async function mailedLink(roleName = 'Member'): Promise<string> {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, roleName);
  const body = { email: 'ada@example.com', roleId: role?.id };
  await service.call('POST', INVITATIONS, { as: service.owner.secret, body });
  return /^http\S+$/m.exec(mailServer.mails.at(-1)?.text ?? '')?.[0] ?? '';
}

/** Invites a person without a mail and returns the link in the answer, which the owner passes on. */
async function answeredLink(): Promise<string> {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, 'Member');
  const body = { email: 'ada@example.com', roleId: role?.id, skipEmail: true };
  const answer = await service.call('POST', INVITATIONS, { as: service.owner.secret, body });
  return answer.body.data.result.invitation.acceptUrl;
}

async function members(): Promise<string[]> {
  const { items: all } = await service.storage.members.list(service.owner.workspaceId, {
    limit: 100,
    after: null,
  });
  return all.map(({ displayName, roleName }) => `${displayName}: ${roleName}`);
}

const accept = () => page.getByRole('button', { name: 'Accept the invitation' }).click();

describe('the link of an invitation, in a real browser', () => {
  test('makes a member at a press of the button and not before, without a complaint of the browser', async () => {
    await page.goto(await mailedLink());
    await page.getByText('Accept only if').waitFor();
    expect(await members()).toEqual(['Olive Owner: Owner']);
    await page.getByLabel('Your name').fill('Ada <b>Lovelace</b>');
    await accept();
    await page.getByText('You are a member now, as Member.').waitFor();
    await page.getByRole('link', { name: 'Create an API key' }).waitFor();
    expect(await members()).toEqual(['Olive Owner: Owner', 'Ada <b>Lovelace</b>: Member']);
    expect(complaints).toEqual([]);
    expect(requested.every((one) => one.startsWith(url))).toBe(true);
  });

  test.each([
    ['with a mail', true],
    ['without a mail, from the answer to the owner', false],
  ])(
    'leads to a key of the new member in five steps: open, accept, follow the link, name the key, create (%s)',
    async (_, hasMail) => {
      await page.goto(hasMail ? await mailedLink() : await answeredLink());
      await accept();
      await page.getByRole('link', { name: 'Create an API key' }).click();
      await page.getByLabel('Name').fill('<b>Billing</b>');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
      await page.getByText('Copy the secret now').waitFor();
      const key = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      const { body } = await service.call('GET', '/api/v2/me', { as: key });
      const { permissions } = body.data.result.caller;
      expect(permissions.length).toBeGreaterThan(0);
      expect(permissions.every((one: string) => one.endsWith('read'))).toBe(true);
      expect(complaints).toEqual([]);
    },
  );

  test('leaves its token neither in the address bar, the page, a storage, a request line nor a log', async () => {
    const link = await mailedLink();
    const token = new URL(link).hash.slice(1);
    await page.goto(link);
    await accept();
    await page.getByText('You are a member now').waitFor();
    const visible = await page.evaluate(
      '[location.href, document.documentElement.outerHTML, JSON.stringify({ ...localStorage, ...sessionStorage })].join()',
    );
    for (const text of [visible, requested.join(), service.logs.join()]) expect(text).not.toContain(token);
    expect(page.url()).toBe(`${url}/invitations/accept`);
  });

  test('says what is wrong with a used one, with none, and lets a wrong name be corrected', async () => {
    const link = await mailedLink();
    await page.goto(`${url}/invitations/accept`);
    await page.getByText('The link is incomplete').waitFor();
    await page.goto(link);
    await page.getByLabel('Your name').fill('\u202Exyz');
    await accept();
    await page.getByText('must not contain control characters').waitFor();
    await page.getByLabel('Your name').fill('Ada');
    await accept();
    await page.getByText('You are a member now').waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await accept();
    await page.getByText('The invitation is accepted; ask for a new one.').waitFor();
    expect(await members()).toEqual(['Olive Owner: Owner', 'Ada: Member']);
  });
});

test('the page may load and call nothing but the service itself', async () => {
  const { headers } = await inject(service.app, '/invitations/accept');
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['x-frame-options']).toBe('DENY');
});
