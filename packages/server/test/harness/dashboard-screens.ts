import { expect, test } from 'vitest';
import {
  accessibilityProblems,
  type DashboardTest,
  DESKTOP,
  PHONE,
  settled,
  takePictures,
} from './dashboard.ts';

interface Screen {
  readonly at: string;
  /** Brings the screen to what is looked at. */
  readonly show: () => Promise<unknown>;
}

/** Every screen and dialog, in the state in which a person sees it. */
function screensOf(on: DashboardTest): Readonly<Record<string, () => Screen>> {
  const { dialog, press } = on;
  const text = (shown: string) => on.page.getByText(shown).first().waitFor();
  return {
    // A few rows: all rows are the same for axe.
    keys: () => ({ at: '/keys?search=Service%205', show: () => text('Service 59') }),
    'keys without a match': () => ({ at: '/keys?search=nothing', show: () => text('No key matches') }),
    'create, details': () => ({
      at: '/keys/new?search=Billing',
      show: () => on.page.getByLabel('Name').waitFor(),
    }),
    'find a leaked key': () => ({
      at: '/keys/find',
      async show() {
        await on.page.getByLabel('Paste the key').fill(`LATCHKEY_SECRET=${on.key.secret}`);
        await text('its checksum is right');
        await on.page.getByRole('link', { name: 'Revoke as leaked' }).waitFor();
      },
    }),
    'create, permissions': () => ({
      at: '/keys/new?name=Call%20analytics',
      async show() {
        await press('Choose permissions');
        await dialog().getByRole('checkbox', { name: 'calls:read' }).click();
      },
    }),
    key: () => ({
      at: `/keys/${on.key.id}`,
      async show() {
        await text('Create a key with it');
        await text('Denied requests have their own scale');
        await press('Test');
        await text('Row intact');
      },
    }),
    'a key of another workspace': () => ({
      at: '/keys/key_01m84hkxthfeyba9zjhgmmw6nr',
      show: () => text('It may belong to another workspace.'),
    }),
    rotate: () => ({ at: `/keys/${on.key.id}/rotate`, show: () => text('The key gets a new secret') }),
    revoke: () => ({ at: `/keys/${on.key.id}/revoke`, show: () => text('It stops working at once') }),
    members: () => ({
      at: '/members',
      show: () =>
        on.page
          .getByRole('button', { name: /^Actions of/ })
          .nth(1)
          .waitFor(),
    }),
    // Empty, but where a service can add members only by invitations.
    invitations: () => ({
      at: '/members/invitations',
      show: () =>
        on.page
          .getByText('No invitation was made yet')
          .or(on.page.getByText('Accepted', { exact: true }))
          .first()
          .waitFor(),
    }),
    invite: () => ({
      at: '/members/invitations/new',
      show: () => on.page.getByLabel('E-mail address').waitFor(),
    }),
    roles: () => ({
      at: '/roles',
      async show() {
        await on.page.getByRole('button', { name: 'API keys' }).click();
        await on.page.getByRole('rowheader', { name: 'manage others' }).waitFor();
      },
    }),
    'new role': () => ({
      at: '/roles/new',
      show: () => on.page.getByRole('checkbox', { name: 'calls:read' }).waitFor(),
    }),
    'audit log': () => ({
      at: '/audit',
      async show() {
        await on.page
          .getByRole('button', { name: /^Show entry/ })
          .nth(3)
          .click();
        await on.page.getByRole('columnheader', { name: 'Before' }).waitFor();
      },
    }),
    sessions: () => ({ at: '/account/sessions', show: () => text('This session') }),
    usage: () => ({ at: '/usage', show: () => text('Denied requests have their own scale') }),
    'command palette': () => ({
      at: '/members',
      async show() {
        await on.page.keyboard.press('Control+k');
        await on.page.getByLabel('Search for keys, members and actions').fill('billing');
        await on.page.getByRole('option', { name: /Rotate “Billing worker”/ }).waitFor();
      },
    }),
    'keyboard shortcuts': () => ({
      at: '/usage',
      async show() {
        await on.page.getByText('Denied requests have their own scale').waitFor();
        await on.page.keyboard.press('?');
        await text('Show these shortcuts');
      },
    }),
    system: () => ({ at: '/system', show: () => text('The instance is healthy.') }),
    settings: () => ({ at: '/settings', show: () => on.page.getByLabel('Cap them').check() }),
    'no such page': () => ({ at: '/keys/a/b/c', show: () => text('There is no such page') }),
  };
}

/** Every screen on a desktop and a phone, in light and dark colours. One page shows all of them, as it does to people. */
export function dashboardScreens(on: DashboardTest): void {
  test.each(Object.entries(screensOf(on)))(
    '%s: nothing for axe to find, nothing wider than the screen, no complaint',
    async (name, screen) => {
      const { at, show } = screen();
      const page = await on.go(at);
      await page.setViewportSize(DESKTOP);
      await show();
      for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await page.setViewportSize(viewport);
        await settled(page);
        expect.soft(await accessibilityProblems(page), device).toEqual([]);
        const isNarrow = await page.evaluate('document.documentElement.scrollWidth <= innerWidth');
        expect.soft(isNarrow, device).toBe(true);
        await takePictures(page, `${name}-${device}`);
      }
      expect(on.complaints).toEqual([]);
    },
  );
}
