import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { DashboardTest } from './dashboard.ts';

const RUN = 'globalThis.ran = 1';

/** Texts that run or load something in a page that takes them for HTML, code, a style or a URL. */
const PAYLOADS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `"><svg onload="${RUN}">`,
  `';${RUN};//`,
  `{{constructor.constructor("${RUN}")()}}`,
  `$`.concat(`{${RUN}}`),
  `javascript:${RUN}`,
  `</title><iframe srcdoc="<script>parent.ran = 1</script>">`,
  `<a href="javascript:${RUN}">press</a>`,
  `&lt;b&gt; %3Cb%3E \\u003cb\\u003e`,
  `<style>@import "//a.example"</style>`,
  `" style="background:url(//a.example/x)`,
  `<link rel=stylesheet href=//a.example/x>`,
  `<base href=//a.example/><form action=//a.example>`,
  `<math><mtext><style><img onerror="${RUN}" src>`,
  `<details open ontoggle="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `<object data="javascript:${RUN}">`,
  `--></textarea><script>${RUN}</script>`,
  `[press](javascript:${RUN})`,
  `\u202e<script>${RUN}</script>\u2066`,
  `__proto__`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `data:text/html,<script>parent.ran=1</script>`,
  `#/keys?search=<img src=x onerror="${RUN}">`,
];

/** What is before a text, to leave the place that it is put in. */
const WRAPPERS = ['', `"'>`, `*/</script>`, `]]>-->`] as const;

/** 100 hostile texts, or the first of them. */
const hostileTexts = (count: number): readonly string[] =>
  WRAPPERS.flatMap((wrapper) => PAYLOADS.map((payload) => wrapper + payload)).slice(0, count);

/** The screens that show names, how many fields to type into each has, and what opens them. */
const FORMS: readonly (readonly [
  at: (on: DashboardTest) => string,
  fields: number,
  open?: (page: Page) => Promise<unknown>,
])[] = [
  [() => '/keys', 1],
  [() => '/keys?search=%3C', 1],
  [
    () => '/keys/new',
    3,
    async (page) => {
      await page.getByLabel('Name').fill('<b>hostile</b>');
      await page.getByRole('button', { name: 'Choose permissions' }).click();
      await page.getByRole('button', { name: 'Copy from a key' }).click();
      await page.getByLabel('Find a key').waitFor();
    },
  ],
  [() => '/keys/find', 2],
  [() => '/keys/new?expires=never', 5],
  [({ key }) => `/keys/${key.id}`, 3, (page) => page.getByRole('button', { name: 'Rename' }).click()],
  [({ key }) => `/keys/${key.id}/revoke`, 4],
  [() => '/usage', 0],
  [() => '/members', 0],
  [() => '/members/invitations/new', 2],
  [() => '/roles', 1],
  [() => '/roles/new', 3],
  [() => '/audit', 1],
  [() => '/account/sessions', 0],
  [
    () => '/settings',
    2,
    async (page) => {
      await page.getByRole('button', { name: 'Delete the workspace' }).click();
      await page.getByLabel('To confirm, type the name').waitFor();
    },
  ],
  [
    () => '/system',
    1,
    async (page) => {
      await page.getByRole('heading', { name: 'System' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByLabel('Search for keys, members and actions').waitFor();
    },
  ],
];

/** The fields of the page that a person can type into. */
const FIELDS = `[...document.querySelectorAll('input:not([type="checkbox"], [type="radio"], [type="date"]), textarea')]
  .filter((field) => !field.readOnly && !field.disabled && field.checkVisibility())`;

/**
 * Types into each field of the page, as a person does who pastes. Each field gets `count` of the texts, and the next field
 * those after them.
 */
const typeInto = (texts: readonly string[], count: number): string => `(async () => {
  const texts = ${JSON.stringify(texts)};
  const fields = ${FIELDS};
  for (const [at, field] of fields.entries())
    for (let typed = 0; typed < ${count}; typed++) {
      if (!field.isConnected) break;
      const text = texts[(at * ${count} + typed) % texts.length];
      const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
      set.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((done) => setTimeout(done));
    }
})()`;

/** The text as a name: the service denies characters that change the direction of text, and trims. */
const nameOf = (index: number, text: string): string =>
  `hostile ${index} ${text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')}`.slice(0, 100).trim();

/** Makes what has a name, with the hostile texts as names. */
async function fill({ api, service }: DashboardTest, texts: readonly string[]): Promise<void> {
  const { userId, workspaceId } = service.owner;
  for (const [index, text] of texts.entries()) {
    const name = nameOf(index, text);
    await api('POST', '/api-keys', { name, userId, permissions: [] });
  }
  const [first = ''] = texts;
  await api('POST', `/workspaces/${workspaceId}/roles`, {
    name: first.slice(0, 60),
    description: texts[1],
    permissions: ['calls:read'],
  });
  await api('PUT', '/workspaces', { name: `Company ${first}` });
}

/** Hostile texts as names on every screen, and in every field; `inEachField`: how many of them each field gets. */
export function dashboardHostile(on: DashboardTest, count: number, inEachField = count): void {
  test(`${count} hostile texts as names, and ${inEachField} of them in each field, run nothing, and the policy has nothing to block`, async () => {
    const texts = hostileTexts(count);
    expect(texts).toHaveLength(count);
    await fill(on, texts);
    for (const [at, fields, open] of FORMS) {
      const page = await on.go(at(on));
      await page.getByRole('heading').first().waitFor();
      await open?.(page);
      await expect
        .poll(() => page.evaluate(`${FIELDS}.length`), { message: at(on), timeout: 10_000 })
        .toBe(fields);
      await page.evaluate(typeInto(texts, inEachField));
      expect(
        await page.locator('#root :is(script, iframe, img, object, base, style, form[action])').count(),
      ).toBe(0);
    }
    expect(await on.page.evaluate('globalThis.ran')).toBeUndefined();
    expect(on.complaints).toEqual([]);
  });

  test(`${count} hostile names are shown as they are: in the list, on a key, in its dialogs and in the palette`, async () => {
    const texts = hostileTexts(count);
    for (const [index, text] of texts.entries()) {
      const name = nameOf(index, text);
      const page = await on.go(`/keys?search=${encodeURIComponent(`hostile ${index} `)}`);
      await page.getByRole('link', { name }).first().waitFor();
    }
    const [{ id, name }] = (await on.api('GET', '/api-keys?search=hostile%200')).apiKeys;
    const page = await on.go(`/keys/${id}/revoke`);
    await page.getByRole('heading', { name: `Revoke “${name}”?` }).waitFor();
    await page.keyboard.press('Escape');
    await on.dialog().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByLabel('Search for keys, members and actions').fill('hostile 0');
    await page.getByRole('option', { name: `Rotate “${name}”` }).waitFor();
    expect(await page.evaluate('globalThis.ran')).toBeUndefined();
    expect(on.complaints).toEqual([]);
  });
}
