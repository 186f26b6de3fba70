import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../test/harness/run-cli.ts';

const ESCAPE = '\u001b]0;owned\u0007\u009b2J';

const apiKey = {
  id: `key_${ESCAPE}`,
  key: `lk_${ESCAPE}`,
  workspaceId: 'ws_1',
  userId: 'usr_1',
  name: `x${ESCAPE}\ny`,
  isActive: true,
  createdAt: ESCAPE,
  lastUsedAt: ESCAPE,
  expiresAt: ESCAPE,
  rateLimit: { requestsPerMinute: null, requestsPerDay: null },
  permissions: [`agents:${ESCAPE}`],
  creator: { id: 'usr_1', email: ESCAPE, displayName: ESCAPE },
  createdBy: { kind: 'key', userId: 'usr_1', keyId: ESCAPE },
  revokedAt: ESCAPE,
  revokedReason: ESCAPE,
  status: 'active',
};
const pagination = { total: 1, limit: 50, offset: 0, hasNext: false, hasPrevious: false, nextCursor: null };
const error = {
  code: ESCAPE,
  details: [{ field: ESCAPE, message: ESCAPE }],
  requestId: ESCAPE,
  retryable: false,
};

async function startHostileService(status: number, body: unknown): Promise<NodeJS.ProcessEnv> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { LATCHKEY_URL: `http://127.0.0.1:${port}`, LATCHKEY_KEY: 'lk_x', NO_COLOR: '1' };
}

const success = (result: unknown) => ({ success: true, data: { message: ESCAPE, result } });

const usage = [{ at: ESCAPE, allowed: 1, denied: { [ESCAPE]: 2 } }];
const rateLimit = {
  ...apiKey.rateLimit,
  remainingThisMinute: null,
  remainingToday: null,
  retryAfterSeconds: null,
};
const steps = [{ step: ESCAPE, passes: false, code: ESCAPE, note: ESCAPE }];
const refusals = [{ at: ESCAPE, code: ESCAPE, step: ESCAPE, missing: [ESCAPE], cost: 1 }];
const explanation = { valid: false, code: ESCAPE, missing: [ESCAPE], rateLimit, steps };

test.each<[string, number, unknown]>([
  ['list', 200, success({ apiKeys: [apiKey], pagination })],
  ['show key_1', 200, success({ apiKey })],
  ['create --name x --user usr_1', 200, success({ apiKey, key: ESCAPE })],
  ['revoke key_1 --yes', 200, success({ apiKey, effectiveBy: ESCAPE, livingDescendants: 1, ended: [] })],
  ['usage key_1', 200, success({ usage })],
  ['explain key_1', 200, success({ explanation, refusals })],
  ['show key_1', 400, { success: false, data: { message: ESCAPE, error } }],
])(
  'keys %s (HTTP %i) hands no escape sequence of the service to the terminal',
  async (args, status, body) => {
    const env = await startHostileService(status, body);
    for (const columns of [80, undefined]) {
      const { stdout, stderr } = await runCli(['keys', ...args.split(' ')], {
        env,
        ...(columns !== undefined && { columns }),
      });
      expect(stdout + stderr).toMatch(/^[^\p{Cc}]*$/mu);
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      expect(stdout + stderr).toContain('\\u{1b}');
    }
  },
);
