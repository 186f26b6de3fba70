import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createApiKey } from '@latchkey/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { referenceOf } from '../../src/http/pages/urls.ts';
import { launchChromium } from '../harness/chromium.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

/** Milliseconds: the page is drawn by a megabyte of script. */
const TIMEOUT_MS = 180_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CONTRAST = `axe.run(document, { runOnly: ['color-contrast'] }).then(({ violations }) =>
  violations.flatMap(({ nodes }) => nodes.map(({ html, any: [{ message }] }) => html.slice(0, 80) + ': ' + message)))`;

let browser: Browser;
let service: TestService;
let url: string;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  service = await startTestService({ publicUrl: null });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  complaints = [];
});
afterEach(async () => {
  await page.context().close();
  await service.close();
});

async function openPage(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
  page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
}

async function openReference(): Promise<void> {
  await page.goto(`${url}/docs`);
  await search().waitFor();
}

function search() {
  return page.getByPlaceholder('Search by path, name or group');
}

/** Opens the description of a call, by the last words of its link. */
async function openCall(id: string): Promise<void> {
  await page.locator(`[id$="-${id}"] .opblock-summary-control`).click();
  await page.locator(`[id$="-${id}"] .opblock-body`).waitFor();
}

async function enterKey(): Promise<void> {
  await page.locator('.scheme-container .authorize').click();
  await page.locator('.auth-container input').fill(service.owner.secret);
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
}

async function execute(id: string): Promise<void> {
  await page.locator(`[id$="-${id}"] .execute`).click();
  await page.locator(`[id$="-${id}"] .live-responses-table`).first().waitFor();
}

describe('the reference, in a real browser', () => {
  test.each(['light', 'dark'] as const)(
    'does not scroll sideways on a phone, keeps to its policy and has enough contrast when it is %s',
    async (colorScheme) => {
      await openPage(390, colorScheme);
      await openReference();
      await enterKey();
      for (const id of ['createApiKey', 'getMe', 'listLogs']) await openCall(id);
      await execute('getMe');
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      expect(widths).toEqual([390, 390]);
      await page.evaluate(AXE);
      expect(await page.evaluate(CONTRAST)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a call is tried with the key that was entered, also by a person who is signed in',
    async () => {
      await openPage(1440);
      const link = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret });
      await page.goto(link.body.data.result.signInLink.url);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL('**/keys');
      complaints = [];
      await openReference();
      await enterKey();
      await openCall('getMe');
      await execute('getMe');
      const answer = page.locator('.live-responses-table .response .response-col_description');
      expect(await answer.first().textContent()).toContain('"kind": "key"');
      expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).toBe('{}');
      expect(complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a link to a call opens its description',
    async () => {
      await openPage(1440);
      await page.goto(`${url}${referenceOf(createApiKey)}`);
      await page.locator('[id$="-createApiKey"] .opblock-body').waitFor({ timeout: TIMEOUT_MS });
      expect(await page.locator('.opblock.is-open').count()).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    'search finds calls by words of their path and name',
    async () => {
      await openPage(1440);
      await openReference();
      await search().fill('Rotate key');
      await expect.poll(() => page.locator('.opblock').count()).toBe(1);
      expect(await page.locator('.opblock-summary-path').textContent()).toContain('rotate');
    },
    TIMEOUT_MS,
  );
});
