import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type DashboardTest, DESKTOP, PHONE, settled, signIn, signInLink } from './dashboard.ts';

/** The tasks of people, from the first click to what has changed. */
export function dashboardTasks(on: DashboardTest): void {
  const { api, dialog, press } = on;

  /** Opens the form of a new key, and creates it. */
  async function createKey(name: string): Promise<string> {
    await on.open('/keys');
    await press('Create key');
    await on.page.getByLabel('Name').fill(name);
    await press('Choose permissions');
    await dialog().getByText('Read only').click();
    await press('Create key');
    await on.page.getByText('Copy the secret now').waitFor();
    return (await dialog().locator('code').first().textContent()) ?? '';
  }

  describe('the list of keys', () => {
    test('keeps search, filters and the page in the URL, so that Back and a reload show the same', async () => {
      await on.open('/keys');
      await on.page.getByRole('link', { name: 'Next' }).click();
      await on.page.getByText('51–62 of 62').first().waitFor();
      await on.page.goBack();
      await on.page.getByText('1–50 of 62').first().waitFor();
      await on.page.getByLabel('Search keys').fill('billing');
      await on.page.getByText('1–1 of 1').waitFor();
      expect(new URL(on.page.url()).search).toBe('?search=billing');
      await on.page.reload();
      await on.page.getByRole('link', { name: /Billing worker/ }).waitFor();
      expect(await on.page.getByLabel('Search keys').inputValue()).toBe('billing');
      await on.page.goto(`${on.service.url}/keys`);
      await on.page.getByRole('link', { name: '1 expires within 14 days' }).click();
      await on.page.getByText('1–1 of 1').waitFor();
    });

    test('shows the names of keys at every width of the screen', async () => {
      const page = await on.open('/keys?search=Billing');
      const name = page.getByRole('link', { name: /Billing worker/ });
      for (const width of [1440, 1399, 1300, 1160, 1099, 1000, 899, 800, 700, 390]) {
        await page.setViewportSize({ width, height: 700 });
        const isShown = async (): Promise<boolean> => {
          const box = await name.boundingBox();
          return box !== null && box.width >= 96 && box.height <= 80;
        };
        await expect.poll(isShown, { message: `${width}` }).toBe(true);
      }
    });

    test('says in words on a phone whether a key was used, and when it expires', async () => {
      const page = await on.open('/keys?search=Service%2059');
      await page.setViewportSize(PHONE);
      const item = page.getByRole('listitem').filter({ hasText: 'Service 59' });
      await item.getByText('Never used').waitFor();
      await on.open('/keys?search=Billing');
      await page.setViewportSize(PHONE);
      const soon = page.getByRole('listitem').filter({ hasText: 'Billing worker' });
      await soon.getByText(/^Expires in \d days$/).waitFor();
    });

    test('disables a key at once, and enables it again with the button of the notification', async () => {
      const body = { name: 'Paused', userId: on.service.owner.userId };
      const { apiKey } = await api('POST', '/api-keys', body);
      const status = async () => (await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status;
      await on.open('/keys?search=Paused');
      await press('Actions of Paused');
      await on.page.getByRole('menuitem', { name: 'Disable' }).click();
      await on.page.getByText('Paused is disabled.').waitFor();
      expect(await status()).toBe('disabled');
      await press('Undo');
      await on.page.getByText('Paused is enabled.').waitFor();
      await on.page.getByText('Paused is disabled.').waitFor({ state: 'detached' });
      expect(await status()).toBe('active');
    });

    test('revokes many keys only after their number was typed, and keeps the others', async () => {
      for (const name of ['Old one', 'Old two'])
        await api('POST', '/api-keys', { name, userId: on.service.owner.userId });
      await on.open('/keys?search=Old');
      await on.page.getByLabel('Select all keys of this page').check();
      await press('Revoke');
      await dialog().getByText('They stop working at once').waitFor();
      const revoke = dialog().getByRole('button', { name: 'Revoke 2 keys' });
      expect(await revoke.isDisabled()).toBe(true);
      await on.page.getByLabel('To confirm, type the number of keys: 2').fill('2');
      await revoke.click();
      await on.page.getByText('2 keys are revoked.').waitFor();
      await on.page.getByText('No key matches these filters.').waitFor();
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
      on.page.on('request', watch);
      const text = await created;
      expect(text).toMatch(/^lk_live_[0-9A-Za-z]{49}$/);
      expect((await on.service.call('GET', '/api/v2/me', { as: text })).status).toBe(200);
      const stored =
        'location.href + JSON.stringify({ ...localStorage, ...sessionStorage, state: history.state })';
      expect(await on.page.evaluate(stored)).not.toContain(text);
      await on.page.keyboard.press('Escape');
      await on.page.goBack();
      await on.page.mouse.click(5, 5);
      expect(await dialog().locator('code').first().textContent()).toBe(text);
      await press('Done');
      await on.page.getByText('You have not copied the secret.').waitFor();
      await press('Close without it');
      await on.page.getByRole('link', { name: /Once/ }).waitFor();
      expect(await on.page.content()).not.toContain(text);
      expect(await on.page.evaluate(stored)).not.toContain(text);
      await on.page.goBack();
      await on.page.goForward();
      await on.page.waitForLoadState('networkidle');
      expect(await on.page.content()).not.toContain(text);
      expect(sent.join('\n')).toContain('/api/v2/api-keys');
      expect(sent.join('\n')).not.toContain(text);
      await on.page.evaluate("globalThis.canary = 'a text that is in memory'");
      const memory = await memoryOf(on.page);
      expect(memory.includes('a text that is in memory')).toBe(true);
      expect(memory.includes(text)).toBe(false);
    });

    test('is selected to be copied by hand, where the page may not use the clipboard', async () => {
      await createKey('By hand');
      await on.page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))");
      await press('Copy');
      await on.page.getByText('The secret is selected.').waitFor();
      expect(await on.page.evaluate('String(getSelection())')).toMatch(/^lk_live_/);
    });
  });

  describe('the form of a new key', () => {
    test('copies the permissions of another key, and reports and undoes what a new owner does not hold', async () => {
      const permissions = ['calls:read', 'calls:write'];
      await api('POST', '/api-keys', { name: 'Model', userId: on.service.owner.userId, permissions });
      const viewer = await on.service.addMember('Viewer');
      const { members } = await api('GET', `/workspaces/${on.service.owner.workspaceId}/members`);
      const { displayName } = members.find(({ userId }: { userId: string }) => userId === viewer);
      await on.open('/keys/new?name=Copied');
      await press('Choose permissions');
      await press('Copy from a key');
      await on.page.getByLabel('Find a key').fill('Model');
      await on.page.getByRole('menuitem', { name: /Model/ }).click();
      await on.page.getByText('Copied from “Model”').waitFor();
      await press('Back');
      await on.page.getByRole('combobox', { name: 'Owner' }).click();
      await on.page.getByRole('option', { name: displayName }).last().click();
      await on.page.getByText('1 permission was removed').waitFor();
      await press('Undo');
      await press('Choose permissions');
      await press('Create key');
      await on.page.getByText('Copy the secret now').waitFor();
      const [made] = (await api('GET', '/api-keys?search=Copied')).apiKeys;
      expect([made.userId, made.permissions]).toEqual([on.service.owner.userId, permissions]);
      expect(on.complaints).toEqual([]);
    });

    test('is filled and submitted, and its secret closed, with the keyboard alone', async () => {
      await on.open('/keys');
      await on.page.getByRole('link', { name: /Billing worker/ }).waitFor();
      const { keyboard } = on.page;
      await keyboard.press('c');
      await on.page.getByLabel('Name').waitFor();
      await keyboard.type('Typed by hand');
      await keyboard.press('Control+Enter');
      await on.page.getByLabel('Filter permissions').waitFor();
      await focus(on.page, 'Filter permissions');
      await keyboard.type('calls:read');
      await focus(on.page, 'calls:read');
      await keyboard.press('Space');
      await keyboard.press('Control+Enter');
      await on.page.getByText('Copy the secret now').waitFor();
      await focus(on.page, 'Done');
      await keyboard.press('Enter');
      await focus(on.page, 'Close without it');
      await keyboard.press('Enter');
      await on.page.getByRole('link', { name: /Typed by hand/ }).waitFor();
      const [made] = (await api('GET', '/api-keys?search=Typed')).apiKeys;
      expect(made.permissions).toEqual(['calls:read']);
    });
  });

  describe('the command palette', () => {
    test('finds keys, members, actions and screens, and runs the first with Enter', async () => {
      await on.open('/usage');
      await on.page.getByRole('heading', { name: 'Usage' }).waitFor();
      const ask = async (text: string, option: RegExp) => {
        await on.page.keyboard.press('Control+k');
        await on.page.getByLabel('Search for keys, members and actions').waitFor();
        await on.page.keyboard.type(text);
        await on.page.getByRole('option', { name: option }).first().waitFor();
        await on.page.keyboard.press('Enter');
      };
      await ask('revoke billing w', /Revoke “Billing worker”/);
      await on.page.waitForURL(`**/keys/${on.key.id}/revoke`);
      await on.page.getByText('It stops working at once').waitFor();
      await on.page.keyboard.press('Escape');
      await on.page.waitForURL(`**/keys/${on.key.id}`);
      await ask('audit l', /Audit log/);
      await on.page.waitForURL('**/audit');
      expect(on.complaints).toEqual([]);
    });

    test('never sends a key that is pasted into it: it opens the search for a leaked key', async () => {
      await on.open('/usage');
      await on.page.getByRole('heading', { name: 'Usage' }).waitFor();
      const sent: string[] = [];
      on.page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')));
      await on.page.keyboard.press('Control+k');
      await on.page.getByLabel('Search for keys, members and actions').fill(on.key.secret);
      await on.page.getByText('its checksum is right').waitFor();
      expect(sent.join('\n')).not.toContain(on.key.secret.slice(8, -4));
    });
  });

  test('shortcuts of single keys work outside of fields, until they are switched off', async () => {
    await on.open('/keys');
    await on.page.getByRole('link', { name: /Billing worker/ }).waitFor();
    const { keyboard } = on.page;
    await keyboard.press('/');
    await keyboard.type('c?g');
    expect(await on.page.getByLabel('Search keys').inputValue()).toBe('c?g');
    await on.page.getByLabel('Search keys').fill('');
    await on.page.getByRole('heading', { name: 'Keys', level: 1 }).click();
    await keyboard.press('g');
    await keyboard.press('m');
    await on.page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await keyboard.press('?');
    await on.page.getByLabel('Shortcuts of single keys').uncheck();
    await keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await keyboard.press('c');
    await keyboard.press('Control+k');
    await on.page.getByLabel('Search for keys, members and actions').waitFor();
    expect(new URL(on.page.url()).pathname).toBe('/members');
    await on.page.evaluate('localStorage.clear()');
  });

  test.each([
    ['/keys', 'Create key'],
    ['/keys', 'Find a leaked key'],
    ['/usage', 'Search'],
    ['/members/invitations', 'Invite'],
    ['the key', 'Rotate'],
    ['the key', 'Revoke'],
  ])('on %s, Escape closes what %s opens, and the focus returns to it', async (at, name) => {
    const page = await on.open(at === 'the key' ? `/keys/${on.key.id}` : at);
    const opener = page.getByRole(/Find|Rotate|Revoke/.test(name) ? 'link' : 'button', { name }).first();
    await opener.focus();
    await page.keyboard.press('Enter');
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await expect
      .poll(() => page.locator('button:focus, a:focus').allTextContents())
      .toEqual([expect.stringContaining(name)]);
  });

  test('what is typed while the palette is loaded runs no shortcut', async () => {
    const page = await on.open('/keys');
    const load = await holdBack(page, 'GET', /palette-.*\.js$/);
    await page.reload();
    await page.getByRole('link', { name: /Billing worker/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('c');
    load();
    await page.getByLabel('Search for keys, members and actions').waitFor();
    expect(new URL(page.url()).pathname).toBe('/keys');
  });

  test('without a connection, the page says from when its data are, and goes on when the service is back', async () => {
    await on.open('/keys');
    await on.page.getByRole('link', { name: /Billing worker/ }).waitFor();
    await on.page.route('**/api/v2/**', (route) => route.abort());
    await on.page.getByLabel('Search keys').fill('Service 58');
    await on.page.getByText(/^No connection to 127.0.0.1.* Showing data from \d\d:\d\d\.$/).waitFor();
    await on.page.unroute('**/api/v2/**');
    await press('Try now');
    await on.page.getByRole('link', { name: /Service 58/ }).waitFor();
    await on.page.getByText(/^No connection/).waitFor({ state: 'detached' });
  });

  describe('the search for a leaked key', () => {
    test('sends only the last four characters, wherever the key is pasted', async () => {
      await on.open('/keys');
      const sent: string[] = [];
      on.page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')));
      await on.page.getByLabel('Search keys').fill(`token: ${on.key.secret}`);
      await on.page.getByText('its checksum is right').waitFor();
      await on.page.getByRole('link', { name: 'Revoke as leaked' }).waitFor();
      expect(sent.join('\n')).toContain(`search=${on.key.secret.slice(-4)}`);
      expect(sent.join('\n')).not.toContain(on.key.secret.slice(8, -4));
      expect(on.page.url()).not.toContain(on.key.secret.slice(-4));
      await on.page.getByLabel('Paste the key').fill(`${on.key.secret.slice(0, -1)}_`);
      await on.page.getByText('There is no whole Latchkey key in this text.').waitFor();
    });
  });

  describe('people', () => {
    test('an invitation is made, its link shown once, and its person joins with it', async () => {
      await on.open('/members/invitations/new');
      await on.page.getByLabel('E-mail address').fill('ada@example.com');
      await dialog().getByRole('button', { name: 'Invite' }).click();
      await on.page.getByText('is invited').waitFor();
      const link = (await dialog().locator('code').textContent()) ?? '';
      await press('Done');
      await on.page.getByRole('cell', { name: 'ada@example.com' }).waitFor();
      expect(await on.page.content()).not.toContain(new URL(link).hash.slice(1));
      const token = new URL(link).hash.slice(1);
      const joined = await on.service.call('POST', '/api/v2/workspaces/invitations/accept', {
        body: { token },
      });
      expect(joined.status).toBe(201);
    });

    test('the tab of the screen is marked, also under the dialog of a new invitation', async () => {
      const page = await on.open('/members');
      const marked = page.locator('nav[aria-label="Members"] [aria-current="page"]');
      await page
        .getByRole('button', { name: /^Actions of/ })
        .first()
        .waitFor();
      expect(await marked.allTextContents()).toEqual(['Members']);
      await press('Invite');
      await page.getByLabel('E-mail address').waitFor();
      expect(await marked.allTextContents()).toEqual(['Invitations']);
    });

    test('an invitation is sent again, which replaces it and shows a new link once', async () => {
      const { roles } = await api('GET', `/workspaces/${on.service.owner.workspaceId}/roles`);
      const body = { email: 'grace@example.com', roleId: roles.at(-1).id, skipEmail: true };
      const { invitation } = await api('POST', '/workspaces/invitations', body);
      await on.open('/members/invitations');
      await on.page
        .getByRole('row', { name: /grace@example.com/ })
        .getByRole('button', { name: 'Resend' })
        .click();
      await dialog().getByText('is invited').waitFor();
      const link = new URL((await dialog().locator('code').textContent()) ?? '');
      await press('Done');
      expect(await on.page.content()).not.toContain(link.hash.slice(1));
      const accept = (token: string) =>
        on.service.call('POST', '/api/v2/workspaces/invitations/accept', { body: { token } });
      expect((await accept(invitation.token)).status).not.toBe(201);
      expect((await accept(link.hash.slice(1))).status).toBe(201);
    });

    test('a new role of a member shows the keys that would exceed it, and revokes them on request', async () => {
      const userId = await on.service.addMember('Owner');
      const permissions = ['calls:read', 'calls:write'];
      const { apiKey } = await api('POST', '/api-keys', { name: 'Too much', userId, permissions });
      const { members } = await api('GET', `/workspaces/${on.service.owner.workspaceId}/members`);
      const { displayName } = members.find((one: { userId: string }) => one.userId === userId);
      await on.open('/members');
      await on.page
        .getByRole('button', { name: `Actions of ${displayName}`, exact: true })
        .last()
        .click();
      await on.page.getByRole('menuitem', { name: 'Change the role' }).click();
      await on.page.getByRole('combobox', { name: 'Role' }).click();
      await on.page.getByRole('option', { name: 'Viewer' }).click();
      await dialog().getByText('Too much').waitFor();
      await dialog().getByText('Revoke them').click();
      await press('Change the role');
      await on.page.getByText('is Viewer now.').waitFor();
      expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status).toBe('revoked');
    });

    test('a member is suspended and removed after their keys were shown, and their keys are denied', async () => {
      const userId = await on.service.addMember('Member');
      const { key, apiKey } = await api('POST', '/api-keys', {
        name: 'Of a leaver',
        userId,
        permissions: ['calls:read'],
      });
      const { members } = await api('GET', `/workspaces/${on.service.owner.workspaceId}/members`);
      const { displayName } = members.find((one: { userId: string }) => one.userId === userId);
      const act = async (item: string) => {
        await on.page
          .getByRole('button', { name: `Actions of ${displayName}`, exact: true })
          .last()
          .click();
        await on.page.getByRole('menuitem', { name: item }).click();
        await dialog().getByText('Of a leaver').waitFor();
      };
      await on.open('/members');
      await act('Suspend');
      await dialog().getByRole('button', { name: 'Suspend' }).click();
      await on.page.getByText('Suspended', { exact: true }).waitFor();
      expect((await api('POST', '/api-keys/verify', { key })).code).toBe('KEY_DISABLED');
      await act('Remove');
      await on.page.getByLabel('To confirm, type the number of keys: 1').fill('1');
      await dialog().getByRole('button', { name: 'Remove' }).click();
      await on.page.getByText('is removed.').waitFor();
      expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status).toBe('revoked');
    });

    test('a role is made and changed, with what the change adds and removes', async () => {
      await on.open('/roles/new');
      await on.page.getByLabel('Name').fill('Auditor');
      await on.page.getByRole('checkbox', { name: 'calls:read' }).click();
      await press('Create role');
      await on.page.getByRole('link', { name: /Auditor/ }).click();
      await on.page.getByRole('checkbox', { name: 'calls:read' }).click();
      await on.page.getByRole('checkbox', { name: 'kb:read' }).click();
      await on.page.getByText('− calls:read').waitFor();
      await on.page.getByText('+ kb:read').waitFor();
      await press('Save the role');
      await on.page.getByText('Auditor is saved.').waitFor();
      const { roles } = await api('GET', `/workspaces/${on.service.owner.workspaceId}/roles`);
      expect(roles.find(({ name }: { name: string }) => name === 'Auditor').permissions).toEqual(['kb:read']);
    });
  });

  test('a text typed in the search of keys does not close the dialog that is opened right after it', async () => {
    const page = await on.open('/keys');
    await page.getByRole('link', { name: /Billing worker/ }).waitFor();
    await page.getByLabel('Search keys').fill('Service 58');
    await page.getByRole('button', { name: 'Create key' }).click();
    await dialog().getByLabel('Name').waitFor();
    // The search waits 250 ms for more text.
    await page.waitForTimeout(500);
    expect(await dialog().count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(() => new URL(page.url()).search).toBe('?search=Service+58');
  });

  test('a change that ends after the person has gone to another screen does not take them back', async () => {
    const page = await on.open('/roles/new');
    const save = await holdBack(page, 'POST', /\/roles$/);
    await page.getByLabel('Name').fill('Late');
    await press('Create role');
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    save();
    await page.getByText('Late is created.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/audit');
  });

  test('a deleted role leads to the list of roles, but not a person who has gone to another screen', async () => {
    const rolesOf = `/workspaces/${on.service.owner.workspaceId}/roles`;
    const make = async (name: string) =>
      (await api('POST', rolesOf, { name, permissions: ['calls:read'] })).role.id;
    const page = await on.open(`/roles/${await make('Short')}`);
    await press('Delete the role');
    await page.getByText('Short is deleted.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Roles' }).waitFor();
    await page.getByRole('link', { name: 'Short' }).waitFor({ state: 'detached' });
    await on.open(`/roles/${await make('Gone')}`);
    const remove = await holdBack(page, 'DELETE', /\/roles\//);
    await press('Delete the role');
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    remove();
    await page.getByText('Gone is deleted.').waitFor();
    await settled(page);
    expect(new URL(page.url()).pathname).toBe('/audit');
  });

  test('the audit log is exported whole, as `latchkey audit verify` takes it', async () => {
    await on.open('/audit?event=api-key.created');
    await on.page.getByText('An API key was created').first().waitFor();
    await press('Export');
    const [file] = await Promise.all([
      on.page.waitForEvent('download'),
      dialog().getByRole('button', { name: 'Export' }).click(),
    ]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toHaveProperty('anchor');
    expect(JSON.parse(lines.at(-2) ?? '').sequence).toBe(lines.length - 1);
    await on.page.getByText('The export is complete').waitFor();
  });

  test('a text is never said to be copied if the page may not use the clipboard', async () => {
    const { apiKey } = await api('POST', '/api-keys', { name: 'To copy', userId: on.service.owner.userId });
    const page = await on.open(`/keys/${apiKey.id}`);
    // As over HTTP.
    const takeAway =
      "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })";
    await page.evaluate(takeAway);
    await press('Copy the key id');
    await page.getByText('The browser does not let this page copy. Select the text').waitFor();
    expect(await page.getByRole('button', { name: 'Copied', exact: true }).count()).toBe(0);
    await on.open('/keys?search=To%20copy');
    await page.evaluate(takeAway);
    await page.getByRole('button', { name: 'Actions of To copy' }).first().click();
    await page.getByRole('menuitem', { name: 'Copy the key id' }).click();
    await page.getByText(`The key id is ${apiKey.id}`).waitFor();
    expect(on.complaints).toEqual([]);
  });

  describe('one key', () => {
    test('is not changed over the change of another person, which is shown first', async () => {
      const { apiKey } = await api('POST', '/api-keys', { name: 'First', userId: on.service.owner.userId });
      await on.open(`/keys/${apiKey.id}`);
      await on.page.getByRole('heading', { name: 'First' }).waitFor();
      await on.page.keyboard.press('e');
      await on.page.getByLabel('Name').fill('Mine');
      await api('PATCH', `/api-keys/${apiKey.id}`, { name: 'Theirs' });
      await press('Save');
      await on.page.getByText('Your change was not saved.').waitFor();
      await press('Show the difference');
      await on.page.getByRole('cell', { name: 'Theirs' }).waitFor();
      expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.name).toBe('Theirs');
      await press('Apply mine again');
      await on.page.getByRole('heading', { name: 'Mine' }).waitFor();
      expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.name).toBe('Mine');
    });

    test('is rotated and revoked with the keyboard alone', async () => {
      const { apiKey } = await api('POST', '/api-keys', {
        name: 'Short life',
        userId: on.service.owner.userId,
      });
      await on.open(`/keys/${apiKey.id}/rotate`);
      await on.page.getByText('The key gets a new secret').waitFor();
      await on.page.keyboard.press('Tab');
      await on.page.keyboard.press('Enter');
      await on.page.getByText('Copy the secret now').waitFor();
      await press('Done');
      await press('Close without it');
      await on.page.goto(`${on.service.url}/keys/${apiKey.id}/revoke`);
      await on.page.getByText('It was never used.').waitFor();
      await expect.poll(() => on.page.evaluate('document.activeElement.textContent')).toBe('Cancel');
      await on.page.keyboard.press('Tab');
      await on.page.keyboard.press('Enter');
      await on.page.getByText('This key was revoked').waitFor();
      expect((await api('GET', `/api-keys/${apiKey.id}`)).apiKey.status).toBe('revoked');
    });

    test('a rotated key shows whether its old secret is in use, and ends it', async () => {
      const made = await api('POST', '/api-keys', {
        name: 'Rotated',
        userId: on.service.owner.userId,
        permissions: [],
      });
      await api('POST', `/api-keys/${made.apiKey.id}/rotate`, {});
      await api('POST', '/api-keys/verify', { key: made.key });
      await on.service.flush();
      await on.open(`/keys/${made.apiKey.id}`);
      await on.page.getByText('The old secret is still in use').waitFor();
      await press('End old secret');
      await on.page.getByText('The old secret is still in use').waitFor({ state: 'hidden' });
      expect((await api('POST', '/api-keys/verify', { key: made.key })).valid).toBe(false);
    });

    test('with a cascade, the keys that it made are shown before they are revoked', async () => {
      const parent = await api('POST', '/api-keys', { name: 'Parent', userId: on.service.owner.userId });
      const body = { name: 'Child of it', userId: on.service.owner.userId, permissions: [] };
      await on.service.call('POST', '/api/v2/api-keys', { as: parent.key, body });
      await on.open(`/keys/${parent.apiKey.id}/revoke`);
      await on.page.getByLabel('Also revoke every key that it made').check();
      await dialog().getByText('Child of it').waitFor();
      await on.page.getByLabel('To confirm').fill(parent.key.slice(-4));
      await dialog().getByRole('button', { name: 'Revoke key' }).click();
      await on.page.getByText('1 key that it made is revoked too.').waitFor();
    });

    test('a key that was used is revoked only after its last four characters were typed', async () => {
      await on.open(`/keys/${on.key.id}/revoke?reason=leaked`);
      await on.page.getByText('In use now.').waitFor();
      expect(await on.page.getByLabel('Also revoke every key that it made').isDisabled()).toBe(true);
      const revoke = dialog().getByRole('button', { name: 'Revoke key' });
      expect(await revoke.isDisabled()).toBe(true);
      await on.page.getByLabel('To confirm').fill(on.key.secret.slice(-4));
      expect(await revoke.isDisabled()).toBe(false);
    });
  });

  test('a session that has ended leaves the page as it is, and asks to sign in again', async () => {
    const page = await on.browser.newPage({ viewport: DESKTOP });
    await signIn(page, on.service);
    await page.context().clearCookies();
    await page.getByLabel('Search keys').fill('Service 5');
    await page.getByText('Your session has ended').waitFor();
    expect(await page.getByLabel('Search keys').inputValue()).toBe('Service 5');
    await page.close();
  });

  test('ignores what is not valid in an address, and a sign-in never leads to another origin', async () => {
    for (const at of ['/keys?expires=never&unused=x&page=-1', '/keys/new?expires=90d', '/audit?days=abc']) {
      const page = await on.open(at);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('This page could not be loaded').waitFor({ state: 'detached' });
      expect(on.complaints, at).toEqual([]);
    }
    const page = await on.browser.newPage({ viewport: DESKTOP });
    const link = new URL(await signInLink(on.service));
    link.search = `?from=${encodeURIComponent('https://elsewhere.example/')}`;
    await page.goto(link.href);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    expect(new URL(page.url()).origin).toBe(on.service.url);
    await page.close();
  });

  test('an address without a page leads on: to the screens, or without a session to the sign-in first', async () => {
    const at = '/keys/a/b/c';
    const page = await on.open(at);
    await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
    const stranger = await on.browser.newPage({ viewport: DESKTOP });
    await stranger.goto(on.service.url + at);
    await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
    const link = new URL(await signInLink(on.service));
    link.search = new URL(stranger.url()).search;
    await stranger.goto(link.href);
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
    await stranger.getByRole('link', { name: 'Show the keys' }).click();
    await stranger.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await stranger.close();
    expect(on.complaints).toEqual([]);
  });

  test('a screen that is opened without a session leads back after the sign-in', async () => {
    const page = await on.browser.newPage({ viewport: DESKTOP });
    await page.goto(`${on.service.url}/keys/${on.key.id}`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).searchParams.get('from')).toBe(`/keys/${on.key.id}`);
    await page.close();
  });
}

/** Holds back the calls of the page to these URLs with this method until the returned function is called. */
async function holdBack(page: Page, method: string, url: RegExp): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(url, async (route) => {
    if (route.request().method() === method) await released;
    await route.continue();
  });
  return release;
}

/** All texts in the memory of the page's scripts, after a garbage collection. */
async function memoryOf(page: Page): Promise<string> {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.enable');
  await client.send('HeapProfiler.collectGarbage');
  const chunks: string[] = [];
  client.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await client.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await client.detach();
  return chunks.join('');
}

/** Moves the focus with Tab to what has this name; fails if it is not reached. */
async function focus(page: Page, name: string): Promise<void> {
  const focused = `(() => { const { activeElement: at } = document; return at.ariaLabel || at.textContent; })()`;
  for (let steps = 0; steps < 60; steps++) {
    if ((await page.evaluate(focused)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}`);
}
