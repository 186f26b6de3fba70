import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './chromium.ts';
import type { DashboardService } from './dashboard-service.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * An open dialog is checked alone: the page under it cannot be used, and is checked as a screen of its own. Contrast is the
 * only rule that depends on the colours.
 */
const violations = (options: string) => `axe.run(
  document.querySelector('[aria-modal="true"]') ?? document,
  { resultTypes: ['violations'], preload: false, ${options} },
).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(': '))))`;
const EVERY_RULE = violations('');
const CONTRAST = violations("runOnly: ['color-contrast']");

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1440, height: 900 };

/** The part of a service that a sign-in needs. */
export interface SignInService {
  readonly owner: { readonly userId: string; readonly secret: string };
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into what the contract describes
  call(method: string, url: string, options?: { as?: string; body?: unknown }): Promise<{ body: any }>;
}

/** What axe finds on the page, or in its dialog: every rule in light colours, and the contrast in dark ones. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const found: string[] = [];
  for (const [colorScheme, rules] of [
    ['dark', CONTRAST],
    ['light', EVERY_RULE],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...((await page.evaluate(rules)) as string[]).map((one) => `${colorScheme} ${one}`));
  }
  return found;
}

/** Resolves when nothing on the page loads, and its layout follows its size and colours. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))',
  );
}

/** The link that signs a member in, by default the owner. */
export async function signInLink(service: SignInService, userId = service.owner.userId): Promise<string> {
  const body = { userId };
  const answer = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret, body });
  return answer.body.data.result.signInLink.url;
}

/** Signs in with a link; resolves when the list of keys is shown. */
export async function signIn(page: Page, service: SignInService, userId?: string): Promise<void> {
  await page.goto(await signInLink(service, userId));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
}

/** Opens the menu of the person, and signs out. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** Collects what the browser complains about: blocked by the policy, thrown, or logged. Answers with an error status are none. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (!/the server responded with a status of/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

/** A browser on the dashboard of a service, for the tests of one file. */
export interface DashboardTest {
  readonly service: DashboardService;
  readonly browser: Browser;
  /** The one page of the file, signed in as the owner. Its scripts are loaded again by `open` alone. */
  readonly page: Page;
  /** A key that was used: allowed twice, and denied once for lack of `billing:read`. */
  readonly key: { readonly id: string; readonly secret: string };
  /** Loads a screen, so that nothing is left of the test before it but the session and the history. */
  open(at: string): Promise<Page>;
  /** Goes to a screen without loading the page again, as Back and Forward do. */
  go(at: string): Promise<Page>;
  /** What the browser has complained about since the last `open`. */
  readonly complaints: readonly string[];
  /** Clicks the button, in the dialog if one is open. */
  press(name: string | RegExp): Promise<void>;
  dialog(): Locator;
  /** The result of a call with the key of the owner, or of another key. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into what the contract describes
  api(method: string, url: string, body?: object, as?: string): Promise<any>;
}

/** Milliseconds that one step may take on a busy machine. */
const SLOW_MACHINE_MS = 60_000;
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/**
 * Starts the service and the browser before the tests of a file. All its tests use one page: a new one would cost two seconds
 * of processor time, to start a process and to compile the scripts.
 */
export function onDashboard(start: () => Promise<DashboardService>): DashboardTest {
  let service: DashboardService;
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];
  /** The number of complaints before the last `open`. */
  let earlier = 0;
  let key: DashboardTest['key'];

  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), start()]);
    key = await fill(api, service);
    page = await browser.newPage({ viewport: DESKTOP });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    complaints = complaintsOf(page);
    await signIn(page, service);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  const api: DashboardTest['api'] = async (method, url, body, as = service.owner.secret) => {
    const { body: answer } = await service.call(method, `/api/v2${url}`, { as, ...(body && { body }) });
    if (!answer.data?.result) throw new Error(`${method} ${url}: ${JSON.stringify(answer)}`);
    return answer.data.result;
  };
  const dialog = () => page.getByRole('dialog');
  return {
    get service() {
      return service;
    },
    get browser() {
      return browser;
    },
    get page() {
      return page;
    },
    get key() {
      return key;
    },
    api,
    dialog,
    async open(at) {
      await page.unrouteAll();
      await page.setViewportSize(DESKTOP);
      earlier = complaints.length;
      await page.goto(`${service.url}${at}`);
      return page;
    },
    async go(at) {
      await page.evaluate(
        `history.pushState(null, '', ${JSON.stringify(at)}); dispatchEvent(new PopStateEvent('popstate'))`,
      );
      return page;
    },
    get complaints() {
      return complaints.slice(earlier);
    },
    async press(name) {
      const place = (await dialog().count()) > 0 ? dialog().last() : page;
      await place.getByRole('button', { name }).click();
    },
  };
}

/** Some keys of two people, one of them in use. */
async function fill(api: DashboardTest['api'], service: DashboardService): Promise<DashboardTest['key']> {
  const { userId: owner } = service.owner;
  const noor = await service.addMember('Viewer');
  const { key: secret, apiKey } = await api('POST', '/api-keys', {
    ...{ name: 'Billing worker', userId: owner, permissions: ['calls:read', 'calls:write'] },
    ...{ expiresAt: inDays(6), rateLimit: { requestsPerMinute: 600, requestsPerDay: 100_000 } },
  });
  for (let count = 0; count < 60; count++) {
    const userId = count % 2 === 0 ? owner : noor;
    await api('POST', '/api-keys', { name: `Service ${count}`, userId, permissions: ['calls:read'] });
  }
  const checks = ['calls:read', 'calls:write', 'billing:read'].map((one) => ({
    key: secret,
    permissions: [one],
  }));
  await api('POST', '/api-keys/verify-many', { checks });
  await service.flush();
  return { id: apiKey.id, secret };
}

/** A folder for a picture of each screen, for people who change the dashboard. Left out: none are made. */
const { SCREENSHOTS } = process.env;

/** Takes a picture of the page in both colours, if SCREENSHOTS names a folder. */
export async function takePictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of SCREENSHOTS ? (['light', 'dark'] as const) : []) {
    await page.emulateMedia({ colorScheme });
    const file = `${name.replaceAll(/\W+/g, '-')}-${colorScheme}.png`;
    await page.screenshot({ path: path.join(SCREENSHOTS ?? '', file), animations: 'disabled' });
  }
}
