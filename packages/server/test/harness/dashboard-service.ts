import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { HttpClient } from './http-client.ts';
import { initDataDir, runInit, startService } from './service-process.ts';
import { TestClock } from './test-clock.ts';
import { startTestService } from './test-service.ts';

/** A service that listens, for the tests of its dashboard. */
export interface DashboardService {
  readonly url: string;
  readonly owner: { readonly userId: string; readonly workspaceId: string; readonly secret: string };
  /** Sends one call. */
  call(
    method: string,
    url: string,
    options?: { as?: string; body?: unknown },
    // biome-ignore lint/suspicious/noExplicitAny: tests reach into what the contract describes
  ): Promise<{ status: number; body: any }>;
  /** Another person in the owner's workspace, with a role of this name. */
  addMember(roleName: string): Promise<string>;
  /** Resolves when all verdicts until now are counted. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A service in this process over a database in memory. */
export async function startInProcess(): Promise<DashboardService> {
  const mailer = new SmtpMailer({ url: 'smtp://127.0.0.1:9', from: 'keys@example.com' }, () => undefined);
  const service = await startTestService({ publicUrl: null, mailer, clock: new TestClock(Date.now()) });
  return { ...service, url: await service.app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** The service writes its counts every ten seconds. */
const COUNTED_WITHIN_MS = 12_000;

interface ProcessOptions {
  /** False: `flush` does nothing, for tests that look at no counts. */
  readonly isCounted?: boolean;
}

/** The built service as a process, over SQLite or the database at a URL. */
export async function startAsProcess(
  databaseUrl?: string,
  { isCounted = true }: ProcessOptions = {},
): Promise<DashboardService> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'latchkey-dashboard-'));
  const env: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const init = databaseUrl === undefined ? initDataDir(dataDir) : runInit(dataDir, env);
  const { userId, workspaceId, key: secret } = await init;
  const service = await startService({ dataDir, env });
  const client = new HttpClient(service.url);
  const api = async (method: string, url: string, body: object) =>
    (await client.call(method, `/api/v2${url}`, { as: secret, body })).body.data.result;
  let people = 0;
  return {
    url: service.url,
    owner: { userId, workspaceId, secret },
    call: (method, url, options) => client.call(method, url, options),
    async addMember(roleName) {
      const { body } = await client.call('GET', `/api/v2/workspaces/${workspaceId}/roles`, { as: secret });
      const role = body.data.result.roles.find(({ name }: { name: string }) => name === roleName);
      const email = `person${people++}@example.com`;
      const { invitation } = await api('POST', '/workspaces/invitations', { email, roleId: role.id });
      const { token } = invitation;
      const { member } = await api('POST', '/workspaces/invitations/accept', { token });
      return member.userId;
    },
    flush: () => new Promise((done) => setTimeout(done, isCounted ? COUNTED_WITHIN_MS : 0)),
    async close() {
      client.close();
      await service.kill();
      rmSync(dataDir, { recursive: true });
    },
  };
}
