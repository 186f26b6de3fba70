import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdentityParts } from '../../src/compose.ts';
import { OidcIdentityProvider } from '../../src/identity/oidc-identity-provider.ts';
import { OidcSignIn } from '../../src/identity/oidc-sign-in.ts';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { launchChromium } from '../harness/chromium.ts';
import { AUDIENCE, CLIENT, WORKSPACE_CLAIM } from '../harness/identity-provider.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIOLATIONS = `axe.run(document).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(': '))))`;
const CONTROLS = `[...document.querySelectorAll('a, button, input, select, summary')].filter((one) => one.checkVisibility())`;
/** Controls that are smaller than the tip of a finger, which is 44 pixels (WCAG 2.5.5). */
const SMALL_CONTROLS = `${CONTROLS}.filter((one) => Math.min(one.offsetHeight, one.offsetWidth) < 44).map(({ outerHTML }) => outerHTML)`;
const FOCUS_RING = 'getComputedStyle(document.activeElement).outlineWidth';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
/** A folder for a picture of each screen, for people who change the pages. Left out: none are made. */
const { SCREENSHOTS } = process.env;

let browser: Browser;
const services = {} as Record<'plain' | 'mail' | 'provider' | 'both', Listening>;

interface Listening extends TestService {
  readonly url: string;
}

beforeAll(async () => {
  browser = await launchChromium();
  const mailer = new SmtpMailer({ url: 'smtp://127.0.0.1:9', from: 'keys@example.com' }, () => undefined);
  services.plain = await listen({});
  services.mail = await listen({ mailer });
  services.provider = await listen({ identityFor: absentProvider });
  services.both = await listen({ mailer, identityFor: absentProvider });
});
afterAll(async () => {
  await browser.close();
  for (const service of Object.values(services)) await service.close();
});

async function listen(settings: Parameters<typeof startTestService>[0]): Promise<Listening> {
  const service = await startTestService({ publicUrl: null, ...settings });
  return { ...service, url: await service.app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** An identity provider that does not answer. */
function absentProvider(): IdentityParts {
  const clock = { now: Date.now };
  const issuer = 'http://127.0.0.1:9';
  const expected = { issuer, audience: AUDIENCE, workspaceClaim: WORKSPACE_CLAIM, trustsEmails: false };
  const needs = { ...expected, clock, onTrouble() {} };
  return {
    provider: new OidcIdentityProvider(needs),
    signIn: new OidcSignIn({ ...needs, ...CLIENT }),
    provisioning: null,
  };
}

async function signInLink(service: Listening, roleName = 'Owner'): Promise<string> {
  const body = { userId: await service.addMember(roleName) };
  const answer = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret, body });
  return answer.body.data.result.signInLink.url;
}

async function signIn(page: Page, service: Listening, roleName?: string): Promise<void> {
  await page.goto(await signInLink(service, roleName));
  await press(page, 'Sign in');
  await page.getByText('You are signed in.').waitFor();
}

async function invitation(service: Listening, roleName: string): Promise<string> {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, roleName);
  const body = { email: `ada${Math.random()}@example.com`, roleId: role?.id, skipEmail: true };
  const answer = await service.call('POST', '/api/v2/workspaces/invitations', {
    as: service.owner.secret,
    body,
  });
  return answer.body.data.result.invitation.acceptUrl;
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

async function createKey(page: Page): Promise<void> {
  await signIn(page, services.both);
  await page.goto(`${services.both.url}/create-key`);
  await page.getByLabel('Name').fill('Billing service');
  await press(page, 'Create my key');
  await page.locator('#key').waitFor();
}

/** How to get to each screen. */
const SCREENS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'sign-in': (page) => page.goto(`${services.plain.url}/sign-in`),
  'sign-in with mail': (page) => page.goto(`${services.mail.url}/sign-in`),
  'sign-in with a provider': (page) => page.goto(`${services.provider.url}/sign-in`),
  'sign-in with both': (page) => page.goto(`${services.both.url}/sign-in`),
  async 'sign-in, link requested'(page) {
    await page.goto(`${services.both.url}/sign-in`);
    await page.getByLabel('Your e-mail address').fill('ada@example.com');
    await press(page, 'Mail me a sign-in link');
    await page.getByRole('status').filter({ hasText: 'on its way' }).waitFor();
  },
  'sign-in with a link': async (page) => page.goto(await signInLink(services.both)),
  async 'sign-in with a used link'(page) {
    const link = await signInLink(services.both);
    await page.goto(link);
    await press(page, 'Sign in');
    await press(page, 'Sign out');
    await page.goto(link);
    await press(page, 'Sign in');
    await page.getByRole('alert').waitFor();
  },
  async 'sign-in with a used link, signed in'(page) {
    const link = await signInLink(services.both);
    await page.goto(link);
    await press(page, 'Sign in');
    await page.getByText('You are signed in.').waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await press(page, 'Sign in');
    await page.getByRole('alert').waitFor();
  },
  async 'sign-in, signed in'(page) {
    await signIn(page, services.both);
  },
  'sign-in failed': (page) => page.goto(`${services.both.url}/sign-in/provider/return?code=a&state=b`),
  'sign-in without an answer of the provider': (page) => page.goto(`${services.both.url}/sign-in/provider`),
  'invitation without a token': (page) => page.goto(`${services.both.url}/accept-invitation`),
  invitation: async (page) => page.goto(await invitation(services.both, 'Member')),
  async 'invitation, signed in'(page) {
    await signIn(page, services.both);
    await page.goto(await invitation(services.both, 'Member'));
  },
  async 'invitation used'(page) {
    const link = await invitation(services.both, 'Member');
    await services.both.call('POST', '/api/v2/workspaces/invitations/accept', {
      body: { token: new URL(link).hash.slice(1) },
    });
    await page.goto(link);
    await press(page, 'Accept the invitation');
    await page.getByRole('alert').waitFor();
  },
  async 'invitation with a wrong name'(page) {
    await page.goto(await invitation(services.both, 'Member'));
    await page.getByLabel('Your name').fill('\u202Exyz');
    await press(page, 'Accept the invitation');
    await page.getByRole('alert').waitFor();
  },
  async 'invitation accepted'(page) {
    await page.goto(await invitation(services.both, 'Member'));
    await page.getByLabel('Your name').fill('Ada');
    await press(page, 'Accept the invitation');
    await page.getByText('You are a member now').waitFor();
  },
  async 'invitation accepted, with its permissions'(page) {
    await page.goto(await invitation(services.both, 'Member'));
    await press(page, 'Accept the invitation');
    await page.getByText('Permissions of your role').click();
  },
  async 'invitation accepted as a viewer'(page) {
    await page.goto(await invitation(services.both, 'Viewer'));
    await press(page, 'Accept the invitation');
    await page.getByText('You are a member now').waitFor();
  },
  'key, not signed in': (page) => page.goto(`${services.both.url}/create-key`),
  async 'key, not allowed'(page) {
    await signIn(page, services.both, 'Viewer');
    await page.goto(`${services.both.url}/create-key`);
  },
  async 'key form'(page) {
    await signIn(page, services.both);
    await page.goto(`${services.both.url}/create-key`);
  },
  'key created': createKey,
  async 'key copied'(page) {
    await page.context().grantPermissions(['clipboard-write']);
    await createKey(page);
    await press(page, 'Copy the key');
    await page.getByText('Copied.').waitFor();
  },
  async 'key, copying not allowed'(page) {
    await createKey(page);
    await press(page, 'Copy the key');
    await page.getByText('The key is selected').waitFor();
  },
};

async function open(screen: string, viewport: typeof PHONE): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await SCREENS[screen]?.(page);
  await page.waitForLoadState('networkidle');
  return page;
}

async function takePicture(page: Page, screen: string, colorScheme: string): Promise<void> {
  if (!SCREENSHOTS) return;
  const name = `${screen.replaceAll(/\W+/g, '-')}.${colorScheme}.${page.viewportSize()?.width}.png`;
  await page.screenshot({ path: path.join(SCREENSHOTS, name), fullPage: true });
}

/** The rings around the controls that the Tab key reaches. */
async function focusRings(page: Page): Promise<unknown[]> {
  const rings: unknown[] = [];
  await page.evaluate('document.activeElement.blur()');
  for (let left = Number(await page.evaluate(`${CONTROLS}.length`)); left > 0; left -= 1) {
    await page.keyboard.press('Tab');
    rings.push(await page.evaluate(FOCUS_RING));
  }
  return rings;
}

test.each(Object.keys(SCREENS))('a page can be read, reached by keyboard and tapped: %s', async (screen) => {
  const page = await open(screen, PHONE);
  await page.evaluate(AXE);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await takePicture(page, screen, colorScheme);
    expect.soft(await page.evaluate(VIOLATIONS), colorScheme).toEqual([]);
  }
  expect.soft(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  expect.soft(await page.evaluate(SMALL_CONTROLS)).toEqual([]);
  for (const ring of await focusRings(page)) expect.soft(ring).toBe('3px');
  await page.context().close();
});

test.each(SCREENSHOTS ? Object.keys(SCREENS) : [])('pictures of a desktop: %s', async (screen) => {
  const page = await open(screen, DESKTOP);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await takePicture(page, screen, colorScheme);
  }
  await page.context().close();
});
