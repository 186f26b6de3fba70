import { SESSION_COOKIE } from '@latchkey/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { type IdentityService, startIdentityService } from '../harness/identity-service.ts';

let browser: Browser;
let service: IdentityService;
let url: string;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  service = await startIdentityService(null, null);
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  service.idp.register(url);
  page = await newPage();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await service.close();
});

/** A page in a new, empty browser context, with the screen size of a phone. */
async function newPage(): Promise<Page> {
  return (await browser.newContext({ viewport: { width: 360, height: 640 } })).newPage();
}

/** Logs in at the provider, up to its consent page. */
async function logIn(on: Page, account: string): Promise<void> {
  await on.goto(`${url}/sign-in`);
  await on.getByRole('link', { name: 'Continue with your account' }).click();
  await on.locator('input[name=login]').fill(account);
  await on.locator('input[name=password]').fill('any will do');
  await on.locator('button[type=submit]').click();
  await on.getByRole('button', { name: 'Continue' }).waitFor();
}

const agree = (on: Page): Promise<void> => on.getByRole('button', { name: 'Continue' }).click();

/** Gives consent, and returns the address to which the provider would redirect this browser. */
async function returnOf(on: Page): Promise<string> {
  const form = { prompt: (await on.locator('input[name=prompt]').getAttribute('value')) ?? '' };
  const action = (await on.locator('form').getAttribute('action')) ?? '';
  let answer = await on.request.post(new URL(action, on.url()).href, { form, maxRedirects: 0 });
  for (;;) {
    const next = new URL(answer.headers().location ?? '', answer.url()).href;
    if (next.startsWith(url)) return next;
    answer = await on.request.get(next, { maxRedirects: 0 });
  }
}

const problem = (on: Page): Promise<string | null> => on.getByRole('alert').textContent();

/** How many sessions the provider opened: the one of accepting the invitation proves no account. */
async function sessionsOf(userId: string): Promise<number> {
  const sessions = await service.storage.sessions.list(service.owner.workspaceId, userId);
  return sessions.filter(({ accountId }) => accountId !== null).length;
}

describe('signing in at the identity provider, in a real browser', () => {
  test('signs in the member of the account, and leaves only the session cookie in the browser', async () => {
    const userId = await service.invite();
    await logIn(page, 'ada');
    await agree(page);
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    expect(page.url()).toBe(`${url}/keys`);
    const me = await page.evaluate("fetch('/api/v2/me').then((answer) => answer.json())");
    expect(me).toMatchObject({ data: { result: { caller: { kind: 'session', userId } } } });

    const own = await page.context().cookies(url);
    const kept = own.filter(({ name }) => name.includes('latchkey'));
    expect(kept).toMatchObject([{ name: SESSION_COOKIE, httpOnly: true, secure: true, sameSite: 'Strict' }]);
    expect((await service.events()).slice(-2)).toEqual(['member.identity-linked', 'session.opened']);
    expect(service.logs.join('\n')).not.toMatch(/[?&]code=/);
  });

  test('with an account that is not a member leads to a page that says what to do, and opens no session', async () => {
    await logIn(page, 'ada');
    await agree(page);
    await expect
      .poll(() => problem(page))
      .toBe(
        'You are not a member of a workspace here: ask for an invitation, or see GET /account for offers.',
      );
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.getByRole('link', { name: 'Continue with your account' }).waitFor();
    expect(await service.events()).not.toContain('session.opened');
  });

  test('and canceling there leads back without a session', async () => {
    const userId = await service.invite();
    await logIn(page, 'ada');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await expect.poll(() => problem(page)).toBe('You were not signed in at the identity provider.');
    expect(await sessionsOf(userId)).toBe(0);
  });
});

describe('an attacker who wants to sign another person in as the attacker (login CSRF)', () => {
  test('fails in a browser that has not begun a sign-in, and in one that has', async () => {
    const mallory = await service.invite('mallory@example.com');
    service.idp.accounts.set('mallory', { email: 'mallory@example.com', email_verified: true });
    const theirs = await newPage();
    await logIn(theirs, 'mallory');
    const forged = await returnOf(theirs);

    await page.goto(forged);
    expect(await problem(page)).toMatch(/not begun in this browser/);
    const userId = await service.invite();
    await logIn(page, 'ada');
    const other = await page.context().newPage();
    await other.goto(forged);
    expect(await problem(other)).toMatch(/not the sign-in that was begun in this browser/);

    expect([await sessionsOf(mallory), await sessionsOf(userId)]).toEqual([0, 0]);
    const names = (await page.context().cookies(url)).map(({ name }) => name);
    expect(names).not.toContain(SESSION_COOKIE);
  });

  test('fails with the state of another browser and a code of the attacker', async () => {
    await service.invite();
    const mallory = await service.invite('mallory@example.com');
    service.idp.accounts.set('mallory', { email: 'mallory@example.com', email_verified: true });
    const theirs = await newPage();
    await logIn(theirs, 'mallory');
    const code = new URL(await returnOf(theirs)).searchParams.get('code') ?? '';
    await logIn(page, 'ada');
    const mixed = new URL(await returnOf(page));
    mixed.searchParams.set('code', code);
    await page.goto(mixed.href);
    expect(await problem(page)).toBe('Signing in at the identity provider did not succeed.');
    expect(await sessionsOf(mallory)).toBe(0);
  });
});

describe('a redirect from the identity provider', () => {
  test('works once, and within ten minutes', async () => {
    const userId = await service.invite();
    await logIn(page, 'ada');
    const back = await returnOf(page);
    await page.goto(back);
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await page.goto(back);
    expect(await problem(page)).toMatch(/not begun in this browser/);
    expect(await sessionsOf(userId)).toBe(1);

    const late = await newPage();
    await logIn(late, 'ada');
    const lateBack = await returnOf(late);
    service.clock.advance(10 * 60_000);
    await late.goto(lateBack);
    expect(await problem(late)).toMatch(/more than ten minutes ago/);
    expect(await sessionsOf(userId)).toBe(1);
  });
});
