import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { TestService } from './test-service.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIOLATIONS = `axe.run(document).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(': '))))`;

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1440, height: 900 };

/** A test service that listens, and its URL. */
export interface Listening extends TestService {
  readonly url: string;
}

/** What axe finds on the page, in the light and the dark colours. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...((await page.evaluate(VIOLATIONS)) as string[]).map((one) => `${colorScheme} ${one}`));
  }
  return found;
}

/** The link that signs a member in, by default the owner. */
export async function signInLink(service: TestService, userId = service.owner.userId): Promise<string> {
  const body = { userId };
  const answer = await service.call('POST', '/api/v2/sign-in-links', { as: service.owner.secret, body });
  return answer.body.data.result.signInLink.url;
}

/** Signs in with a link; resolves when the list of keys is shown. */
export async function signIn(page: Page, service: TestService, userId?: string): Promise<void> {
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
