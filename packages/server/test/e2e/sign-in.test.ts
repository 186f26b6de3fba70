import { SESSION_COOKIE } from '@latchkey/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { launchChromium } from '../harness/chromium.ts';
import { complaintsOf, signIn, signInLink, signOut } from '../harness/dashboard.ts';
import { startMailServer } from '../harness/mail-server.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

let browser: Browser;
let service: TestService;
let url: string;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  service = await startTestService({ publicUrl: null });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  // A phone.
  page = await browser.newPage({ viewport: { width: 360, height: 640 } });
});
afterEach(async () => {
  await page.context().close();
  await service.close();
});

const link = () => signInLink(service);
const signedIn = () => page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
const press = (name: string) => page.getByRole('button', { name }).click();

/** The user of the session that the browser has. */
const userId = () =>
  page.evaluate(
    "fetch('/api/v2/me').then((answer) => answer.json()).then(({ data }) => data.result.caller.userId)",
  );

async function sessions(): Promise<number> {
  return (await service.storage.sessions.list(service.owner.workspaceId, service.owner.userId)).length;
}

describe('a sign-in link, in a real browser', () => {
  test('that was used leads to the session of a browser that is signed in, and says that it was used', async () => {
    const used = await link();
    await page.goto(used);
    await press('Sign in');
    await signedIn();
    await page.goto('about:blank');
    await page.goto(used);
    await press('Sign in');
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('This link has expired or was used.');
    expect(await userId()).toBe(service.owner.userId);
    await press('Show the keys');
    await signedIn();
    expect(await sessions()).toBe(1);
  });

  test('signs in at a press of the button, with the cookie that was promised, over loopback too', async () => {
    await page.goto(await link());
    expect(await sessions()).toBe(0);
    await press('Sign in');
    await signedIn();
    expect(await userId()).toBe(service.owner.userId);
    const [cookie, ...others] = await page.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({
      name: SESSION_COOKIE,
      domain: '127.0.0.1',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('leaves its token neither in the address bar, nor in the history, the page, a storage or a request line', async () => {
    const target = await link();
    const token = new URL(target).hash.slice(1);
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(target);
    await press('Sign in');
    await signedIn();
    const visible = await page.evaluate(
      '[location.href, document.documentElement.outerHTML, JSON.stringify({ ...localStorage, ...sessionStorage })].join()',
    );
    expect(visible).not.toContain(token);
    expect(requested.map((one) => one.split('#')[0]).join()).not.toContain(token);
    await page.goto(`${url}/docs`);
    await page.goBack();
    await signedIn();
    expect(page.url()).toBe(`${url}/keys`);
    expect(service.logs.join('\n')).not.toContain(token);
  });

  test('a used one says what to do, and a second one in the same tab works', async () => {
    const used = await link();
    await page.goto(used);
    await press('Sign in');
    await signedIn();
    await signOut(page);
    await page.goto(used);
    await press('Sign in');
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('This link has expired or was used.');
    await page.getByText('latchkey sign-in').last().waitFor();
    await signIn(page, service);
    expect(await sessions()).toBe(1);
  });

  test('without a link, the page says how to get one', async () => {
    await page.goto(`${url}/sign-in`);
    await page.getByText('latchkey sign-in').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('signing out ends the session and takes the cookie away', async () => {
    await signIn(page, service);
    await signOut(page);
    expect(await page.context().cookies()).toEqual([]);
    expect(await sessions()).toBe(0);
  });

  test('under another host name of the same machine it is denied, with the address to use, and stays valid', async () => {
    const target = await link();
    await page.goto(target.replace('127.0.0.1', 'localhost'));
    await press('Sign in');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain(url);
    expect(await page.context().cookies()).toEqual([]);
    await page.goto(target);
    await press('Sign in');
    await signedIn();
  });

  test('keeps to its own policy, and fits a phone', async () => {
    const complaints = complaintsOf(page);
    await signIn(page, service);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(complaints).toEqual([]);
  });
});

test('a member without a key is mailed a link from the page, and signs in with it', async () => {
  const { port, mails } = await startMailServer();
  const settings = { url: `smtp://127.0.0.1:${port}`, from: 'keys@example.com' };
  const mailer = new SmtpMailer(settings, () => undefined);
  const mailing = await startTestService({ publicUrl: null, mailer });
  const address = await mailing.app.listen({ host: '127.0.0.1', port: 0 });
  await page.goto(`${address}/sign-in`);
  await page.getByLabel('Your e-mail address').fill('owner@example.com');
  await page.getByRole('button', { name: 'Mail me a sign-in link' }).click();
  await page.getByText('a mail with a link is on its way').waitFor();
  await expect.poll(() => mails.length, { timeout: 30_000 }).toBe(1);
  await page.goto(/http\S+#\S+/.exec(mails[0]?.text ?? '')?.[0] ?? '');
  await press('Sign in');
  await signedIn();
  await mailing.close();
});
