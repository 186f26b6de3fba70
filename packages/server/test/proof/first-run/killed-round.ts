import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { HttpClient } from '../../harness/http-client.ts';
import { type ServiceProcess, startService } from '../../harness/service-process.ts';

const CLAIMS = 20;

/**
 * Starts the real command for the first time, kills it after `dieAfter` answers to concurrent claims of its link, and starts
 * it again. Returns true when no client got the answer to the claim that succeeded.
 */
export async function killedRound(dieAfter: number): Promise<boolean> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'latchkey-first-run-'));
  try {
    const first = await startService({ dataDir, init: true });
    const { token, key } = await shown(first);
    const before = await claimAll(first, token, { dieAfter });
    const second = await startService({ dataDir, init: true });
    const after = await claimAll(second, token);
    expect(second.output).not.toMatch(/lk_(?:signin|live)_/);
    expect(after.filter((status) => status !== 201 && status !== 404 && status !== 429)).toEqual([]);
    const acknowledged = [...before, ...after].filter((status) => status === 201).length;
    expect(acknowledged).toBeLessThanOrEqual(1);
    expect(await stateOf(second, key)).toEqual({ sessions: 1, owners: 1 });
    await second.stop();
    return acknowledged === 0;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The link token and the key that the first start prints, and no later one. */
async function shown(service: ServiceProcess): Promise<{ token: string; key: string }> {
  await expect.poll(() => service.output).toContain('--data ');
  const [token = ''] = /lk_signin_\w+/.exec(service.output) ?? [];
  const [key = ''] = /lk_live_\w+/.exec(service.output) ?? [];
  return { token, key };
}

/** Claims the link concurrently. Returns the statuses that arrived before the service was killed, if it was. */
async function claimAll(
  service: ServiceProcess,
  token: string,
  { dieAfter }: { dieAfter?: number } = {},
): Promise<number[]> {
  const client = new HttpClient(service.url);
  const statuses: number[] = [];
  const claims = Array.from({ length: CLAIMS }, async () => {
    const { status } = await client.call('POST', '/api/v2/sessions', { body: { token } });
    statuses.push(status);
    if (statuses.length === dieAfter) await service.kill();
  });
  const settled = Promise.allSettled(claims);
  if (dieAfter === 0) await service.kill();
  await settled;
  client.close();
  return statuses;
}

async function stateOf(service: ServiceProcess, key: string): Promise<{ sessions: number; owners: number }> {
  const client = new HttpClient(service.url);
  const me = await client.call('GET', '/api/v2/me', { as: key });
  const { workspaceId } = me.body.data.result.caller;
  const sessions = await client.call('GET', '/api/v2/sessions', { as: key });
  const members = await client.call('GET', `/api/v2/workspaces/${workspaceId}/members`, { as: key });
  client.close();
  const roles: { roleName: string }[] = members.body.data.result.members;
  return {
    sessions: sessions.body.data.result.sessions.length,
    owners: roles.filter(({ roleName }) => roleName === 'Owner').length,
  };
}
