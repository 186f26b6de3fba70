import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { launchChromium } from '../harness/chromium.ts';
import {
  accessibilityProblems,
  complaintsOf,
  DESKTOP,
  type Listening,
  PHONE,
  signIn,
} from '../harness/dashboard.ts';
import { TestClock } from '../harness/test-clock.ts';
import { startTestService } from '../harness/test-service.ts';

/** A folder for a picture of each screen, for people who change the dashboard. Left out: none are made. */
const { SCREENSHOTS } = process.env;

let browser: Browser;
let service: Listening;
/** A session of the owner, which the contexts of the tests begin with. */
let session: Awaited<ReturnType<BrowserContext['storageState']>>;
let page: Page;
let secret: string;
let keyId: string;

beforeAll(async () => {
  browser = await launchChromium();
  const mailer = new SmtpMailer({ url: 'smtp://127.0.0.1:9', from: 'keys@example.com' }, () => undefined);
  const started = await startTestService({ publicUrl: null, mailer, clock: new TestClock(Date.now()) });
  service = { ...started, url: await started.app.listen({ host: '127.0.0.1', port: 0 }) };
  await fill();
  const context = await browser.newContext();
  await signIn(await context.newPage(), service);
  session = await context.storageState();
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await service.close();
});
afterEach(async () => {
  await page.context().close();
});

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(service.clock.now() + days * DAY_MS).toISOString();
const api = async (method: string, url: string, body?: object) => {
  const answer = await service.call(method, `/api/v2${url}`, {
    as: service.owner.secret,
    ...(body && { body }),
  });
  return answer.body.data.result;
};

/** Some keys of two people, one of them in use. */
async function fill(): Promise<void> {
  const noor = await service.addMember('Viewer');
  const made = await api('POST', '/api-keys', {
    ...{ name: 'Billing worker', userId: service.owner.userId, permissions: ['calls:read', 'calls:write'] },
    ...{ expiresAt: inDays(6), rateLimit: { requestsPerMinute: 600, requestsPerDay: 100_000 } },
  });
  [secret, keyId] = [made.key, made.apiKey.id];
  for (let count = 0; count < 60; count++) {
    const userId = count % 2 === 0 ? service.owner.userId : noor;
    await api('POST', '/api-keys', { name: `Service ${count}`, userId, permissions: ['calls:read'] });
  }
  const checks = ['calls:read', 'calls:write', 'billing:read'].map((one) => ({
    key: secret,
    permissions: [one],
  }));
  await api('POST', '/api-keys/verify-many', { checks });
  await service.flush();
}

async function open(at: string, viewport = DESKTOP): Promise<Page> {
  const context = await browser.newContext({ viewport, storageState: session });
  page = await context.newPage();
  await page.goto(`${service.url}${at}`);
  return page;
}

const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
const dialog = () => page.getByRole('dialog');

/** Opens the form of a new key, and creates it. */
async function createKey(name: string): Promise<string> {
  await open('/keys');
  await press('Create key');
  await page.getByLabel('Name').fill(name);
  await press('Choose permissions');
  await dialog().getByText('Read only').click();
  await dialog().getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Copy the secret now').waitFor();
  return (await dialog().locator('code').first().textContent()) ?? '';
}

interface Screen {
  readonly at: () => string;
  /** Brings the screen to what is looked at. */
  readonly show: () => Promise<unknown>;
}

const SCREENS: Readonly<Record<string, Screen>> = {
  keys: { at: () => '/keys', show: () => page.getByText('Service 59').first().waitFor() },
  'keys without a match': {
    at: () => '/keys?search=nothing',
    show: () => page.getByText('No key matches').waitFor(),
  },
  'create, details': { at: () => '/keys/new', show: () => page.getByLabel('Name').waitFor() },
  'create, permissions': {
    at: () => '/keys/new?name=Call%20analytics',
    async show() {
      await press('Choose permissions');
      await dialog().getByRole('checkbox', { name: 'calls:read' }).click();
    },
  },
  'find a leaked key': {
    at: () => '/keys/find',
    async show() {
      await page.getByLabel('Paste the key').fill(`LATCHKEY_SECRET=${secret}`);
      await page.getByText('its checksum is right').waitFor();
      await page.getByRole('link', { name: 'Revoke as leaked' }).waitFor();
    },
  },
  key: {
    at: () => `/keys/${keyId}`,
    async show() {
      await page.getByText('Create a key with it').waitFor();
      await page.getByText('Denied requests have their own scale').waitFor();
      await press('Test');
      await page.getByText('Row intact').waitFor();
    },
  },
  'a key of another workspace': {
    at: () => '/keys/key_01m84hkxthfeyba9zjhgmmw6nr',
    show: () => page.getByText('It may belong to another workspace.').waitFor(),
  },
  rotate: {
    at: () => `/keys/${keyId}/rotate`,
    show: () => page.getByText('The key gets a new secret').waitFor(),
  },
  revoke: {
    at: () => `/keys/${keyId}/revoke`,
    show: () => page.getByText('It stops working at once').waitFor(),
  },
  members: {
    at: () => '/members',
    show: () =>
      page
        .getByRole('button', { name: /^Actions of/ })
        .nth(1)
        .waitFor(),
  },
  'no invitations': {
    at: () => '/members/invitations',
    show: () => page.getByText('No invitation').waitFor(),
  },
  invite: { at: () => '/members/invitations/new', show: () => page.getByLabel('E-mail address').waitFor() },
  roles: {
    at: () => '/roles',
    async show() {
      await page.getByRole('button', { name: 'API keys' }).click();
      await page.getByRole('rowheader', { name: 'manage others' }).waitFor();
    },
  },
  'new role': {
    at: () => '/roles/new',
    show: () => page.getByRole('checkbox', { name: 'calls:read' }).waitFor(),
  },
  'audit log': {
    at: () => '/audit',
    async show() {
      await page
        .getByRole('button', { name: /^Show entry/ })
        .nth(3)
        .click();
      await page.getByRole('columnheader', { name: 'Before' }).waitFor();
    },
  },
  sessions: { at: () => '/account/sessions', show: () => page.getByText('This session').waitFor() },
  usage: { at: () => '/usage', show: () => page.getByText('Denied requests have their own scale').waitFor() },
  system: { at: () => '/system', show: () => page.getByText('The instance is healthy.').waitFor() },
  settings: { at: () => '/settings', show: () => page.getByLabel('Cap them').check() },
  'no such page': { at: () => '/keys/a/b/c', show: () => page.getByText('There is no such page').waitFor() },
};

test.each(Object.keys(SCREENS))(
  '%s: nothing for axe to find, nothing wider than the screen, no complaint',
  async (name) => {
    const { at, show } = SCREENS[name] as Screen;
    await open('/docs/style.css');
    const complaints = complaintsOf(page);
    await page.goto(service.url + at());
    await show();
    for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await page.setViewportSize(viewport);
      await page.waitForLoadState('networkidle');
      expect.soft(await accessibilityProblems(page), device).toEqual([]);
      expect
        .soft(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), device)
        .toBe(true);
      await takePictures(name, device);
    }
    expect(complaints).toEqual([]);
  },
);

async function takePictures(name: string, device: string): Promise<void> {
  for (const colorScheme of SCREENSHOTS ? (['light', 'dark'] as const) : []) {
    await page.emulateMedia({ colorScheme });
    const file = `${name.replaceAll(/\W+/g, '-')}-${colorScheme}-${device}.png`;
    await page.screenshot({ path: path.join(SCREENSHOTS ?? '', file) });
  }
}

describe('the list of keys', () => {
  test('keeps search, filters and the page in the URL, so that Back and a reload show the same', async () => {
    await open('/keys');
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('51–62 of 62').first().waitFor();
    await page.goBack();
    await page.getByText('1–50 of 62').first().waitFor();
    await page.getByLabel('Search keys').fill('billing');
    await page.getByText('1–1 of 1').waitFor();
    expect(new URL(page.url()).search).toBe('?search=billing');
    await page.reload();
    await page.getByRole('link', { name: /Billing worker/ }).waitFor();
    expect(await page.getByLabel('Search keys').inputValue()).toBe('billing');
    await page.goto(`${service.url}/keys`);
    await page.getByRole('link', { name: '1 expires within 14 days' }).click();
    await page.getByText('1–1 of 1').waitFor();
  });

  test('revokes many keys only after their number was typed, and keeps the others', async () => {
    for (const name of ['Old one', 'Old two'])
      await api('POST', '/api-keys', { name, userId: service.owner.userId });
    await open('/keys?search=Old');
    await page.getByLabel('Select all keys of this page').check();
    await press('Revoke');
    await dialog().getByText('They stop working at once').waitFor();
    const revoke = dialog().getByRole('button', { name: 'Revoke 2 keys' });
    expect(await revoke.isDisabled()).toBe(true);
    await page.getByLabel('To confirm, type the number of keys: 2').fill('2');
    await revoke.click();
    await page.getByText('2 keys are revoked.').waitFor();
    await page.getByText('No key matches these filters.').waitFor();
    expect((await api('GET', '/api-keys?status=revoked&search=Old')).pagination.total).toBe(2);
    expect((await api('GET', '/api-keys')).pagination.total).toBeGreaterThan(60);
  });
});

describe('a new secret', () => {
  test('is in the page alone: not in its URL, history, storage or a request, and in nothing after it was closed', async () => {
    const sent: string[] = [];
    const watch = (request: { url(): string; postData(): string | null }) =>
      sent.push(request.url() + (request.postData() ?? ''));
    const created = createKey('Once');
    page.on('request', watch);
    const text = await created;
    expect(text).toMatch(/^lk_live_[0-9A-Za-z]{49}$/);
    expect((await service.call('GET', '/api/v2/me', { as: text })).status).toBe(200);
    const stored =
      'location.href + JSON.stringify({ ...localStorage, ...sessionStorage, state: history.state })';
    expect(await page.evaluate(stored)).not.toContain(text);
    await page.keyboard.press('Escape');
    await page.goBack();
    await page.mouse.click(5, 5);
    expect(await dialog().locator('code').first().textContent()).toBe(text);
    expect(await heapContains(text)).toBe(true);
    await press('Done');
    await page.getByText('You have not copied the secret.').waitFor();
    await press('Close without it');
    await page.getByRole('link', { name: /Once/ }).waitFor();
    expect(await page.content()).not.toContain(text);
    expect(await page.evaluate(stored)).not.toContain(text);
    await page.goBack();
    await page.goForward();
    await page.waitForLoadState('networkidle');
    expect(await page.content()).not.toContain(text);
    expect(sent.join('\n')).not.toContain(text);
    expect(await heapContains(text)).toBe(false);
  });

  test('is selected to be copied by hand, where the page may not use the clipboard', async () => {
    await createKey('By hand');
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))");
    await press('Copy');
    await page.getByText('The secret is selected.').waitFor();
    expect(await page.evaluate('String(getSelection())')).toMatch(/^lk_live_/);
  });
});

/** Whether a text is in the memory of the page's scripts, after a garbage collection. */
async function heapContains(text: string): Promise<boolean> {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.enable');
  await client.send('HeapProfiler.collectGarbage');
  const chunks: string[] = [];
  client.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await client.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  return chunks.join('').includes(text);
}

describe('the search for a leaked key', () => {
  test('sends only the last four characters, wherever the key is pasted', async () => {
    await open('/keys');
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')));
    await page.getByLabel('Search keys').fill(`token: ${secret}`);
    await page.getByText('its checksum is right').waitFor();
    await page.getByRole('link', { name: 'Revoke as leaked' }).waitFor();
    expect(sent.join('\n')).toContain(`search=${secret.slice(-4)}`);
    expect(sent.join('\n')).not.toContain(secret.slice(8, -4));
    expect(page.url()).not.toContain(secret.slice(-4));
    await page.getByLabel('Paste the key').fill(`${secret.slice(0, -1)}_`);
    await page.getByText('There is no whole Latchkey key in this text.').waitFor();
  });
});

describe('people', () => {
  test('an invitation is made, its link shown once, and its person joins with it', async () => {
    await open('/members/invitations/new');
    await page.getByLabel('E-mail address').fill('ada@example.com');
    await dialog().getByRole('button', { name: 'Invite' }).click();
    await page.getByText('is invited').waitFor();
    const link = (await dialog().locator('code').textContent()) ?? '';
    await press('Done');
    await page.getByRole('cell', { name: 'ada@example.com' }).waitFor();
    expect(await page.content()).not.toContain(new URL(link).hash.slice(1));
    const token = new URL(link).hash.slice(1);
    const joined = await service.call('POST', '/api/v2/workspaces/invitations/accept', { body: { token } });
    expect(joined.status).toBe(201);
  });

  test('a member is suspended and removed after their keys were shown, and their keys are denied', async () => {
    const userId = await service.addMember('Member');
    const { key, apiKey } = await api('POST', '/api-keys', {
      name: 'Of a leaver',
      userId,
      permissions: ['calls:read'],
    });
    const { members } = await api('GET', `/workspaces/${service.owner.workspaceId}/members`);
    const { displayName } = members.find((one: { userId: string }) => one.userId === userId);
    const act = async (item: string) => {
      await page
        .getByRole('button', { name: `Actions of ${displayName}`, exact: true })
        .last()
        .click();
      await page.getByRole('menuitem', { name: item }).click();
      await dialog().getByText('Of a leaver').waitFor();
    };
    await open('/members');
    await act('Suspend');
    await dialog().getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Suspended', { exact: true }).waitFor();
    expect((await api('POST', '/api-keys/verify', { key })).code).toBe('KEY_DISABLED');
    await act('Remove');
    await page.getByLabel('To confirm, type the number of keys: 1').fill('1');
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByText('is removed.').waitFor();
    expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status).toBe('revoked');
  });

  test('a role is made and changed, with what the change adds and removes', async () => {
    await open('/roles/new');
    await page.getByLabel('Name').fill('Auditor');
    await page.getByRole('checkbox', { name: 'calls:read' }).click();
    await press('Create role');
    await page.getByRole('link', { name: /Auditor/ }).click();
    await page.getByRole('checkbox', { name: 'calls:read' }).click();
    await page.getByRole('checkbox', { name: 'kb:read' }).click();
    await page.getByText('− calls:read').waitFor();
    await page.getByText('+ kb:read').waitFor();
    await press('Save the role');
    await page.getByText('Auditor is saved.').waitFor();
    const { roles } = await api('GET', `/workspaces/${service.owner.workspaceId}/roles`);
    expect(roles.find(({ name }: { name: string }) => name === 'Auditor').permissions).toEqual(['kb:read']);
  });
});

test('the audit log is exported whole, as `latchkey audit verify` takes it', async () => {
  await open('/audit?event=api-key.created');
  await page.getByText('An API key was created').first().waitFor();
  await press('Export');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog().getByRole('button', { name: 'Export' }).click(),
  ]);
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toHaveProperty('anchor');
  expect(JSON.parse(lines.at(-2) ?? '').sequence).toBe(lines.length - 1);
  await page.getByText('The export is complete').waitFor();
});

describe('one key', () => {
  test('is rotated and revoked with the keyboard alone', async () => {
    const { apiKey } = await api('POST', '/api-keys', { name: 'Short life', userId: service.owner.userId });
    await open(`/keys/${apiKey.id}/rotate`);
    await page.getByText('The key gets a new secret').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Copy the secret now').waitFor();
    await press('Done');
    await press('Close without it');
    await page.goto(`${service.url}/keys/${apiKey.id}/revoke`);
    await page.getByText('It was never used.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('This key was revoked').waitFor();
    expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status).toBe('revoked');
  });

  test('a rotated key shows whether its old secret is in use, and ends it', async () => {
    const made = await api('POST', '/api-keys', {
      name: 'Rotated',
      userId: service.owner.userId,
      permissions: [],
    });
    await api('POST', `/api-keys/${made.apiKey.id}/rotate`, {});
    await api('POST', '/api-keys/verify', { key: made.key });
    await service.flush();
    await open(`/keys/${made.apiKey.id}`);
    await page.getByText('The old secret is still in use').waitFor();
    await press('End old secret');
    await page.getByText('The old secret is still in use').waitFor({ state: 'hidden' });
    expect((await api('POST', '/api-keys/verify', { key: made.key })).valid).toBe(false);
  });

  test('with a cascade, the keys that it made are shown before they are revoked', async () => {
    const parent = await api('POST', '/api-keys', { name: 'Parent', userId: service.owner.userId });
    const body = { name: 'Child of it', userId: service.owner.userId, permissions: [] };
    await service.call('POST', '/api/v2/api-keys', { as: parent.key, body });
    await open(`/keys/${parent.apiKey.id}/revoke`);
    await page.getByLabel('Also revoke every key that it made').check();
    await dialog().getByText('Child of it').waitFor();
    await page.getByLabel('To confirm').fill(parent.key.slice(-4));
    await dialog().getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('1 key that it made is revoked too.').waitFor();
  });

  test('a key that was used is revoked only after its last four characters were typed', async () => {
    await open(`/keys/${keyId}/revoke?reason=leaked`);
    await page.getByText('In use now.').waitFor();
    expect(await page.getByLabel('Also revoke every key that it made').isDisabled()).toBe(true);
    const revoke = dialog().getByRole('button', { name: 'Revoke key' });
    expect(await revoke.isDisabled()).toBe(true);
    await page.getByLabel('To confirm').fill(secret.slice(-4));
    expect(await revoke.isDisabled()).toBe(false);
  });
});

const PAYLOADS = [
  '<script>globalThis.ran = 1</script>',
  '<img src=x onerror="globalThis.ran = 1">',
  '"><svg onload="globalThis.ran = 1">',
  "';globalThis.ran = 1;//",
  '{{constructor.constructor("globalThis.ran = 1")()}}',
  '$'.concat('{globalThis.ran = 1}'),
  'javascript:globalThis.ran = 1',
  '</title><iframe srcdoc="<script>parent.ran = 1</script>">',
  '<a href="javascript:globalThis.ran = 1">press</a>',
  '&lt;b&gt; %3Cb%3E \\u003cb\\u003e',
];

test('100 hostile names are text: in the list, on the page of a key, in its dialogs and in the menus', async () => {
  const names = PAYLOADS.flatMap((payload) =>
    Array.from({ length: 10 }, (_, count) => `hostile ${count} ${payload}`),
  );
  for (const name of names) {
    const { apiKey } = await api('POST', '/api-keys', {
      name,
      userId: service.owner.userId,
      permissions: [],
    });
    expect(apiKey.name).toBe(name);
  }
  await open('/keys?search=hostile');
  const complaints = complaintsOf(page);
  for (const at of ['/keys?search=hostile', '/keys?search=hostile&page=2']) {
    await page.goto(service.url + at);
    await page.getByRole('link', { name: 'hostile' }).first().waitFor();
    expect(await page.locator('main script, main iframe, main img, main svg[onload]').count()).toBe(0);
  }
  for (const payload of PAYLOADS) {
    const [found] = (await api('GET', `/api-keys?search=${encodeURIComponent(payload)}`)).apiKeys;
    await page.goto(`${service.url}/keys/${found.id}/revoke`);
    await dialog().getByText(payload).waitFor();
    await page.goto(
      `${service.url}/keys/new?name=${encodeURIComponent(payload)}&owner=${encodeURIComponent(payload)}`,
    );
    await press('Choose permissions');
    await dialog().getByText(payload).waitFor();
  }
  expect(await page.evaluate('globalThis.ran')).toBeUndefined();
  expect(complaints).toEqual([]);
});

test('a session that has ended leaves the page as it is, and asks to sign in again', async () => {
  const context = await browser.newContext({ viewport: DESKTOP });
  page = await context.newPage();
  await signIn(page, service);
  await context.clearCookies();
  await page.getByLabel('Search keys').fill('Service 5');
  await page.getByText('Your session has ended').waitFor();
  expect(await page.getByLabel('Search keys').inputValue()).toBe('Service 5');
});

test('a screen that is opened without a session leads back after the sign-in', async () => {
  const context = await browser.newContext({ viewport: DESKTOP });
  page = await context.newPage();
  await page.goto(`${service.url}/keys/${keyId}`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(new URL(page.url()).searchParams.get('from')).toBe(`/keys/${keyId}`);
});
