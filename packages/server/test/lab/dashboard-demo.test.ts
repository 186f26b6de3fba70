import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { DESKTOP, settled, signIn } from '../harness/dashboard.ts';
import { HttpClient } from '../harness/http-client.ts';
import { runCli } from '../harness/service-core.ts';
import { type ServiceProcess, startService } from '../harness/service-process.ts';

/** Where pictures for the documentation go: PICTURES=docs/pictures. Left out: a temporary folder. */
const { PICTURES } = process.env;
const PICTURE_BYTES_MAX = 150_000;
/** Wide enough for all columns of the keys. */
const PICTURE = { width: 1440, height: 580 };

let dataDir: string;
let service: ServiceProcess;
let client: HttpClient;
let browser: Browser;
let context: BrowserContext;
let owner: { userId: string; secret: string };

/** The company of `latchkey demo`, in a browser in which its owner is signed in. */
beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'latchkey-demo-'));
  const made = JSON.parse(await runCli(['demo', '--data-dir', dataDir, '--json']));
  owner = { userId: made.userId, secret: made.key };
  service = await startService({ dataDir });
  client = new HttpClient(service.url);
  browser = await launchChromium();
  context = await browser.newContext({ viewport: DESKTOP, timezoneId: 'Europe/Madrid' });
  await signIn(await context.newPage(), { owner, call: (...call) => client.call(...call) });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  client?.close();
  await service?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

const api = async (method: string, url: string, body?: object) =>
  (await client.call(method, `/api/v2${url}`, { as: owner.secret, body })).body.data.result;

async function open(at: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(service.url + at);
  return page;
}

/** A key that is in use, and was denied. */
async function aKeyInUse(): Promise<{ id: string; name: string; key: string }> {
  const { apiKeys } = await api('GET', '/api-keys?sortBy=lastUsedAt&sortOrder=desc&status=active&limit=30');
  for (const key of apiKeys) {
    const { refusals } = await api('GET', `/api-keys/${key.id}/refusals`); // words: the name in the API
    if (new Set(refusals.map(({ code }: { code: string }) => code)).size > 1) return key; // words: as above
  }
  return apiKeys[0];
}

const SHOTS: Readonly<Record<string, () => Promise<Page>>> = {
  async keys() {
    const page = await open('/keys');
    await page.getByRole('row').nth(12).waitFor();
    return page;
  },
  async key() {
    const page = await open(`/keys/${(await aKeyInUse()).id}`);
    await page.locator('.recharts-bar-rectangle').first().waitFor();
    return page;
  },
  async create() {
    const page = await open('/keys/new?name=Call%20analytics%20export');
    await page.getByRole('button', { name: 'Choose permissions' }).click();
    for (const name of ['calls:read', 'recordings:read', 'transcripts:read', 'analytics:read']) {
      const toggle = page.getByRole('checkbox', { name, exact: true });
      if ((await toggle.count()) > 0) await toggle.click();
    }
    await page.getByLabel('Filter permissions').scrollIntoViewIfNeeded();
    await page.mouse.move(0, 0);
    return page;
  },
};

test.each(Object.keys(SHOTS))(
  `the picture of %s is at most ${PICTURE_BYTES_MAX} bytes in both colours`,
  async (name) => {
    const folder = PICTURES ?? dataDir;
    mkdirSync(folder, { recursive: true });
    const page = await SHOTS[name]?.();
    await page?.setViewportSize(PICTURE);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page?.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if (page) await settled(page);
      const file = path.join(folder, `${name}-${colorScheme}.png`);
      await page?.screenshot({ path: file });
      expect(statSync(file).size).toBeLessThanOrEqual(PICTURE_BYTES_MAX);
    }
  },
);

interface Task {
  readonly clicks: number;
  readonly seconds: number;
}

/** Counts the clicks and typed texts of a task, and the time that the page takes for them. */
async function timed(
  at: string,
  work: (step: (action: Promise<unknown>) => Promise<void>, page: Page) => Promise<void>,
): Promise<Task> {
  const page = await open(at);
  await page.getByRole('row').nth(3).waitFor();
  let clicks = 0;
  const started = performance.now();
  await work(async (action) => {
    clicks++;
    await action;
  }, page);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  await page.close();
  return { clicks, seconds };
}

test('five tasks of a first-time user: steps, and the seconds that the page takes', async () => {
  const used = await aKeyInUse();
  const [, colleague] = (
    await api('GET', `/workspaces/${(await api('GET', '/me')).caller.workspaceId}/members`)
  ).members;
  const lastFour = used.key.slice(-4);
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).last().click();
  const table: Record<string, Task> = {
    'a read-only key for a colleague': await timed('/keys', async (step, page) => {
      await step(button(page, 'Create key'));
      await step(page.getByLabel('Name').fill('Reports of a colleague'));
      await step(page.getByRole('combobox', { name: 'Owner' }).click());
      await step(page.getByRole('option', { name: colleague.displayName }).click());
      await step(button(page, 'Choose permissions'));
      await step(page.getByText('Read only').last().click());
      await step(button(page, 'Create key'));
      await page.getByText('Copy the secret now').waitFor();
    }),
    [`the key that ends in ${lastFour}`]: await timed('/keys', async (step, page) => {
      await step(page.getByLabel('Search keys').fill(lastFour));
      await page.waitForURL('**/keys?search=*');
      await step(
        page
          .getByRole('link', { name: new RegExp(`…${lastFour}`) })
          .first()
          .click(),
      );
      await page.getByRole('heading', { name: 'Recent denials' }).waitFor();
    }),
    'why it was denied': await timed('/keys', async (step, page) => {
      await step(page.keyboard.press('Control+k'));
      await page.locator('input[aria-label^="Search for keys"]:focus').waitFor();
      await step(page.keyboard.type(used.name));
      await page.getByRole('option', { name: used.name }).first().waitFor();
      await step(page.keyboard.press('Enter'));
      await page
        .getByText(/which this key does not hold|was used up|had expired|was disabled/)
        .first()
        .waitFor();
    }),
    'rotate it': await timed('/keys', async (step, page) => {
      await step(page.getByLabel('Search keys').fill(lastFour));
      await page.waitForURL('**/keys?search=*');
      await step(
        page
          .getByRole('link', { name: new RegExp(`…${lastFour}`) })
          .first()
          .click(),
      );
      await step(page.getByRole('link', { name: 'Rotate' }).click());
      await step(button(page, 'Rotate key'));
      await page.getByText('Copy the secret now').waitFor();
    }),
    'revoke everything of a person who leaves': await timed('/members', async (step, page) => {
      await step(page.getByRole('button', { name: `Actions of ${colleague.displayName}` }).click());
      await step(page.getByRole('menuitem', { name: 'Remove' }).click());
      const confirm = page.getByLabel('To confirm, type the number of keys');
      await confirm.waitFor();
      const number =
        /: (\d+)$/.exec((await page.getByText(/^To confirm, type/).textContent()) ?? '')?.[1] ?? '';
      await step(confirm.fill(number));
      await step(button(page, 'Remove'));
      await page.getByText('is removed.').waitFor();
    }),
  };
  console.table(table);
  expect(Math.max(...Object.values(table).map(({ clicks }) => clicks))).toBeLessThanOrEqual(7);
});

/** The number of keys of the large workspace: MANY_KEYS. */
const MANY_KEYS = Number(process.env.MANY_KEYS ?? 100_000);
const CONCURRENT = 40;

test(`${MANY_KEYS} keys: the time of each step in the list, and the longest task of the page`, async () => {
  const { total } = (await api('GET', '/api-keys?limit=1')).pagination;
  let left = MANY_KEYS - total;
  const one = async (): Promise<void> => {
    while (left-- > 0)
      await api('POST', '/api-keys', {
        name: `Key ${left}`,
        userId: owner.userId,
        permissions: ['calls:read'],
      });
  };
  await Promise.all(Array.from({ length: CONCURRENT }, one));
  const page = await context.newPage();
  await page.addInitScript(`globalThis.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => { longest = Math.max(longest, duration); }))
      .observe({ type: 'longtask', buffered: true });`);
  const rows: Record<string, { ms: number; 'longest task ms': number }> = {};
  const step = async (name: string, action: () => Promise<unknown>): Promise<void> => {
    await page.evaluate('globalThis.longest = 0').catch(() => undefined);
    const started = performance.now();
    await action();
    const ms = Math.round(performance.now() - started);
    await settled(page);
    rows[name] = { ms, 'longest task ms': Math.round(Number(await page.evaluate('longest'))) };
  };
  const range = (text: string) => page.getByText(text).first().waitFor();
  await step('open', async () => {
    await page.goto(`${service.url}/keys`);
    await page.getByRole('row').nth(12).waitFor();
  });
  await step('next page', async () => {
    await page.getByRole('link', { name: 'Next' }).click();
    await range('51–100 of');
  });
  await step('sort by name', async () => {
    await page.getByRole('link', { name: 'Key', exact: true }).click();
    await range('1–50 of');
  });
  await step('search', async () => {
    await page.getByLabel('Search keys').fill('Key 4242');
    await page
      .getByRole('link', { name: /^Key 4242/ })
      .first()
      .waitFor();
  });
  await step('page 1,900 by its address', async () => {
    await page.goto(`${service.url}/keys?page=${Math.floor((MANY_KEYS * 0.95) / 50)}`);
    await page.getByRole('row').nth(12).waitFor();
  });
  console.table(rows);
});
