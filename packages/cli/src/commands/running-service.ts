import { getReadiness, type QueryOf } from '@latchkey/contract';
import type { Config, Finding } from '@latchkey/server';

/** Milliseconds: a health check that takes longer counts as unanswered. */
const PATIENCE_MS = 5_000;

/**
 * What the API says of the service that has the database open: whether it verifies keys, and whether it commits changes.
 * Asks where the settings say that it listens, or at `url`; takes no key.
 */
export async function examineRunning(config: Config, url: string | undefined): Promise<Finding> {
  const address = url ?? addressOf(config);
  const verifies = await isReady(address, {});
  if (verifies === null) return unreachable(address);
  if (!verifies) return finding('failed', `${address} cannot verify keys now; its log says why`);
  const commits = await isReady(address, { for: 'changes' });
  if (!commits)
    return finding('failed', `${address} verifies keys, but cannot commit changes now; its log says why`);
  return finding('ok', `${address} verifies keys and commits changes`);
}

function unreachable(address: string): Finding {
  return finding(
    'warning',
    `the database is in use, but no service answers at ${address}. Set PORT and HOST, or LATCHKEY_URL, to where it listens`,
  );
}

function finding(status: Finding['status'], message: string): Finding {
  return { check: 'service', status, message };
}

/** Null without an answer. */
async function isReady(address: string, query: QueryOf<typeof getReadiness>): Promise<boolean | null> {
  const url = `${address}${getReadiness.path}?${new URLSearchParams({ ...query })}`;
  try {
    const { status } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    return status === 200 ? true : status === 503 ? false : null;
  } catch {
    return null;
  }
}

/** A service that listens at every address is asked at the loopback one. */
function addressOf({ host, port }: Config): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
