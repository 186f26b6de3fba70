import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserClient } from '../harness/browser-bundle.ts';
import { launchChromium } from '../harness/chromium.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

let browser: Browser;
let service: TestService;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  service = await startTestService({ publicUrl: null });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  page = await signedInPage();
  await page.evaluate(await browserClient());
});
afterAll(async () => {
  await browser.close();
  await service.close();
});

async function signedInPage(): Promise<Page> {
  const { body } = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret });
  const opened = await browser.newPage();
  await opened.goto(body.data.result.signInLink.url);
  await opened.getByRole('button', { name: 'Sign in' }).click();
  await opened.waitForURL('**/keys');
  return opened;
}

test.each(['{ session: true }', "{ url: '', session: true }", '{ url: location.origin, session: true }'])(
  'in a page of the service, new Latchkey(%s) reads and changes as the person who is signed in',
  async (options) => {
    const { caller, name } = await page.evaluate<{ caller: object; name: string }>(`(async () => {
      const latchkey = new latchkeySdk.Latchkey(${options});
      const { caller } = await latchkey.me();
      const { apiKey } = await latchkey.keys.create({ name: 'Made in a page', userId: caller.userId });
      return { caller, name: apiKey.name };
    })()`);
    expect(caller).toMatchObject({ kind: 'session', userId: service.owner.userId });
    expect(name).toBe('Made in a page');
  },
);

test('in a page with a session, a client with a key calls as the key, without the cookie', async () => {
  const called = await page.evaluate(
    `new latchkeySdk.Latchkey({ url: '', key: '${service.owner.secret}' }).me().then(({ caller }) => caller.kind)`,
  );
  expect(called).toBe('key');
});

test('a session is not sent to another origin: the constructor throws', async () => {
  const message = await page.evaluate(`(() => {
    try { new latchkeySdk.Latchkey({ url: 'https://other.example', session: true }); } catch (error) { return String(error); }
  })()`);
  expect(message).toBe(
    'TypeError: url must have the origin of this page, because browsers send a session only there',
  );
});
