import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createApiKey } from '@latchkey/contract';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceOf } from '../../src/http/pages/urls.ts';
import { launchChromium } from '../harness/chromium.ts';
import { DESKTOP, PHONE } from '../harness/dashboard.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

/** Milliseconds: the page is drawn by a megabyte of script. */
const TIMEOUT_MS = 180_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CONTRAST = `axe.run(document, { runOnly: ['color-contrast'] }).then(({ violations }) =>
  violations.flatMap(({ nodes }) => nodes.map(({ html, any: [{ message }] }) => html.slice(0, 80) + ': ' + message)))`;

/** Resolves when the colours have changed: the sheet of Swagger UI fades them. */
const FADED = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
  Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))`;

let browser: Browser;
let context: BrowserContext;
let service: TestService;
let url: string;
/** One page for all tests, opened by a link to a call, on a phone: each load of it compiles and draws the megabyte again. */
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  service = await startTestService({ publicUrl: null });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  context = await browser.newContext({ viewport: PHONE });
  page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${url}${referenceOf(createApiKey)}`);
  await search().waitFor({ timeout: TIMEOUT_MS });
}, TIMEOUT_MS);
afterAll(async () => {
  await browser.close();
  await service.close();
});

function search() {
  return page.getByPlaceholder('Search by path, name or group');
}

/** Opens the description of a call, by the last words of its link. */
async function openCall(id: string): Promise<void> {
  const body = page.locator(`[id$="-${id}"] .opblock-body`);
  if ((await body.count()) === 0) await page.locator(`[id$="-${id}"] .opblock-summary-control`).click();
  await body.waitFor();
}

async function enterKey(): Promise<void> {
  await page.locator('.scheme-container .authorize').click();
  await page.locator('.auth-container input').fill(service.owner.secret);
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
}

/** Tries `getMe`, and returns the caller that the page then shows. */
async function shownCaller(): Promise<string> {
  const call = page.locator('[id$="-getMe"]');
  const clear = call.locator('.btn-clear');
  if (await clear.isVisible()) await clear.click();
  await call.locator('.execute').click();
  const answer = call.locator('.live-responses-table .response .response-col_description').first();
  return (await answer.textContent()) ?? '';
}

/** Signs the owner in, in another tab of the same browser. */
async function signInBeside(): Promise<void> {
  const link = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret });
  const tab = await context.newPage();
  await tab.goto(link.body.data.result.signInLink.url);
  await tab.getByRole('button', { name: 'Sign in' }).click();
  await tab.waitForURL('**/keys');
  await tab.close();
}

describe('the reference, in a real browser', () => {
  test(
    'a link to a call opens its description',
    async () => {
      await page.locator('[id$="-createApiKey"] .opblock-body').waitFor({ timeout: TIMEOUT_MS });
      expect(await page.locator('.opblock.is-open').count()).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    'a call is tried with the key that was entered, also by a person who is signed in',
    async () => {
      await enterKey();
      await openCall('getMe');
      expect(await shownCaller()).toContain('"kind": "key"');
      await signInBeside();
      expect(await shownCaller()).toContain('"kind": "key"');
      expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).toBe('{}');
      expect(complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'does not scroll sideways on a phone, keeps to its policy and has enough contrast in light and dark colours',
    async () => {
      for (const id of ['createApiKey', 'getMe', 'listLogs']) await openCall(id);
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      expect(widths).toEqual([390, 390]);
      await page.evaluate(AXE);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(FADED);
        expect(await page.evaluate(CONTRAST), colorScheme).toEqual([]);
      }
      expect(complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'search finds calls by words of their path and name',
    async () => {
      await page.setViewportSize(DESKTOP);
      await search().fill('Rotate key');
      await expect.poll(() => page.locator('.opblock').count()).toBe(1);
      expect(await page.locator('.opblock-summary-path').textContent()).toContain('rotate');
    },
    TIMEOUT_MS,
  );
});
