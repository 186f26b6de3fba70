import { expect, test } from 'vitest';
import { onDashboard } from '../harness/dashboard.ts';
import { startAsProcess } from '../harness/dashboard-service.ts';
import { createPostgresDatabase } from '../harness/postgres-database.ts';

const on = onDashboard(async () => {
  const { url, drop } = await createPostgresDatabase(null);
  const service = await startAsProcess(url, { isCounted: false });
  const close = async (): Promise<void> => {
    await service.close();
    await drop();
  };
  return { ...service, close };
});

test('over PostgreSQL, a key is found, created, renamed, rotated and revoked in the dashboard', {
  timeout: 180_000,
}, async () => {
  const { api, dialog, press } = on;
  const page = await on.open('/keys?search=Service%205');
  await page.getByText('1–11 of 11').first().waitFor();
  await press('Create key');
  await page.getByLabel('Name').fill('Made here');
  await press('Choose permissions');
  await dialog().getByText('Read only').click();
  await press('Create key');
  await page.getByText('Copy the secret now').waitFor();
  const secret = (await dialog().locator('code').first().textContent()) ?? '';
  expect((await api('POST', '/api-keys/verify', { key: secret })).valid).toBe(true);
  await press('Done');
  await press('Close without it');
  await page.getByRole('button', { name: 'Open it' }).click();
  await press('Rename');
  await page.getByLabel('Name').fill('Renamed');
  await press('Save');
  await page.getByRole('heading', { name: 'Renamed' }).waitFor();
  await page.keyboard.press('r');
  await dialog().getByText('None', { exact: true }).click();
  await press('Rotate key');
  await page.getByText('Copy the secret now').waitFor();
  expect((await api('POST', '/api-keys/verify', { key: secret })).valid).toBe(false);
  await press('Done');
  await press('Close without it');
  await page.getByRole('link', { name: 'Revoke' }).click();
  await dialog().getByText('It stops working at once').waitFor();
  if (await page.getByLabel('To confirm').isVisible()) {
    const { apiKey } = await api('GET', `/api-keys/${new URL(page.url()).pathname.split('/')[2]}`);
    await page.getByLabel('To confirm').fill(apiKey.key.slice(-4));
  }
  await press('Revoke key');
  await page.getByText('This key was revoked').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByText('An API key was revoked').first().waitFor();
  expect(on.complaints).toEqual([]);
});
