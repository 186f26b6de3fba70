import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESSION_COOKIE } from '@latchkey/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

/** CSRF attempts: what a page of an attacker does in a browser in which the owner is signed in. */
const ATTACKS = `
const KEYS = '/api/v2/api-keys';
const forged = (userId) => JSON.stringify({ name: 'forged', userId });

/** Submits into a frame, so that the page stays. In text/plain a form can spell JSON with one = in it. */
function submit({ action, enctype, fields, sandbox }) {
  const frame = document.createElement('iframe');
  if (sandbox) frame.setAttribute('sandbox', 'allow-scripts allow-forms');
  const inputs = Object.entries(fields).map(([name, value]) => {
    const input = document.createElement('input');
    input.setAttribute('name', name);
    input.setAttribute('value', value);
    return input.outerHTML;
  });
  frame.srcdoc = '<form method="post" enctype="' + enctype + '" action="' + action + '">' + inputs.join('') + '</form><script>document.forms[0].submit()</' + 'script>';
  document.body.append(frame);
}

const types = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
const spelled = (userId) => ({ ['{"userId":"' + userId + '","name":"forged']: '"}' });
const post = (url, body, headers, mode) =>
  fetch(url, { method: 'POST', body, headers, mode, credentials: 'include' }).catch(() => {});

window.attack = {
  async 'a form in each of its three content types'({ url, userId }) {
    for (const enctype of types) submit({ action: url + KEYS, enctype, fields: spelled(userId) });
  },
  async 'a form from a sandboxed frame, whose origin is null'({ url, userId }) {
    for (const enctype of types) submit({ action: url + KEYS, enctype, fields: spelled(userId), sandbox: true });
  },
  async 'a form without fields, to calls whose body may be left out'({ url, keyId }) {
    for (const path of [KEYS + '/' + keyId + '/rotate', '/api/v2/sign-in-links'])
      submit({ action: url + path, enctype: types[0], fields: {} });
  },
  async 'fetch in each content type that needs no preflight'({ url, userId }) {
    for (const type of types) await post(url + KEYS, forged(userId), { 'Content-Type': type }, 'no-cors');
  },
  async 'fetch as JSON'({ url, userId }) {
    await post(url + KEYS, forged(userId), { 'Content-Type': 'application/json' }, 'cors');
  },
  async 'fetch without a body'({ url }) {
    await post(url + '/api/v2/sign-in-links', undefined, {}, 'no-cors');
    await fetch(url + '/api/v2/sessions/current', { method: 'DELETE', credentials: 'include' }).catch(() => {});
  },
  async 'a beacon'({ url, userId }) {
    navigator.sendBeacon(url + KEYS, forged(userId));
  },
  async 'an image, a script and a style sheet'({ url, keyId }) {
    for (const [name, attribute] of [['img', 'src'], ['script', 'src'], ['link', 'href']]) {
      const element = document.createElement(name);
      element.rel = 'stylesheet';
      element[attribute] = url + KEYS + '/' + keyId;
      document.body.append(element);
    }
  },
  async 'signing the victim in as another member, with a valid link (login CSRF)'({ url, token }) {
    const body = JSON.stringify({ token });
    await post(url + '/api/v2/sessions', body, { 'Content-Type': 'text/plain' }, 'no-cors');
    await post(url + '/api/v2/sessions', body, { 'Content-Type': 'application/json' }, 'cors');
  },
};`;

const NAMES = [...ATTACKS.matchAll(/^ {2}async '([^']+)'/gm)].map(([, name = '']) => name);

/** From another site, and from another port of the same one: there the browser sends even a strict cookie along. */
const SITES = [
  ['another site', 'localhost', false],
  ['another port of the same site', '127.0.0.1', true],
] as const;

let browser: Browser;
let service: TestService;
let url: string;
let page: Page;
let token: string;
const attacker = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html').end(`<!doctype html><script>${ATTACKS}</script>`);
});
const seen: IncomingMessage[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  service = await startTestService({ publicUrl: null });
  service.app.server.on('request', (request: IncomingMessage) => seen.push(request));
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => attacker.listen(0, resolve));
  page = await browser.newPage();
  await page.goto((await linkOf(service.owner.secret)).url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/keys');
  const userId = await service.addMember('Viewer');
  token = (await linkOf((await service.createKey({ userId })).key)).token;
});
afterAll(async () => {
  await browser.close();
  attacker.close();
  await service.close();
});

async function linkOf(as: string): Promise<{ url: string; token: string }> {
  const { body } = await service.call('POST', '/api/v2/sign-in-links', { as });
  const { url: link } = body.data.result.signInLink;
  return { url: link, token: new URL(link).hash.slice(1) };
}

/** The number of audit entries: every change adds one. Denied calls are written later. */
async function changes(): Promise<number> {
  return (await service.storage.audit.head(service.owner.workspaceId)).sequence;
}

describe.each(SITES)('from %s', (_site, host, sendsCookie) => {
  test.each(NAMES)('%s changes nothing', async (name) => {
    const { port } = attacker.address() as AddressInfo;
    await page.goto(`http://${host}:${port}/`);
    const { apiKey } = await service.createKey();
    const cookies = await page.context().cookies();
    const before = await changes();
    seen.length = 0;
    const target = { url, userId: service.owner.userId, keyId: apiKey.id, token };
    await page.evaluate(`attack[${JSON.stringify(name)}](${JSON.stringify(target)})`);
    await page.waitForLoadState('networkidle');
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    expect(seen.some(({ headers }) => headers.cookie?.includes(SESSION_COOKIE))).toBe(
      sendsCookie && !/JSON|sandboxed/.test(name),
    );
    expect(await changes()).toBe(before);
    expect(await page.context().cookies()).toEqual(cookies);
  });
});

test('the same call from our own page is made', async () => {
  await page.goto(`${url}/sign-in`);
  const before = await changes();
  const body = JSON.stringify({ name: 'wanted', userId: service.owner.userId });
  const call = `fetch('/api/v2/api-keys', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: ${JSON.stringify(body)} }).then(({ status }) => status)`;
  expect(await page.evaluate(call)).toBe(201);
  expect(await changes()).toBe(before + 1);
});

test('the link that was used for attacks still works for the member it was made for', async () => {
  const { status } = await service.call('POST', '/api/v2/sessions', { body: { token } });
  expect(status).toBe(201);
});
