import { getReadiness, type QueryOf } from '@latchkey/contract';

/** The configured listen address of a service. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

interface Health {
  readonly check: 'service';
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** The timeout of a health check, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Checks the health of the service that has the database open: whether it can verify keys and commit changes. Calls the
 * configured listen address, or `url`; needs no key.
 */
export async function examineRunning(listening: Listening, url: string | undefined): Promise<Health> {
  const address = url ?? addressOf(listening);
  const verifies = await isReady(address, {});
  if (verifies === null) return unreachable(address);
  if (!verifies) return health('failed', `${address} cannot verify keys now; its log says why`);
  const commits = await isReady(address, { for: 'changes' });
  if (!commits)
    return health('failed', `${address} verifies keys, but cannot commit changes now; its log says why`);
  return health('ok', `${address} verifies keys and commits changes`);
}

function unreachable(address: string): Health {
  return health(
    'warning',
    `the database is in use, but no service answers at ${address}. Set PORT and HOST, or LATCHKEY_URL, to where it listens`,
  );
}

function health(status: Health['status'], message: string): Health {
  return { check: 'service', status, message };
}

/** Null if the service does not respond. */
async function isReady(address: string, query: QueryOf<typeof getReadiness>): Promise<boolean | null> {
  const url = `${address}${getReadiness.path}?${new URLSearchParams({ ...query })}`;
  try {
    const { status } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    return status === 200 ? true : status === 503 ? false : null;
  } catch {
    return null;
  }
}

/** Uses the loopback address for a service that listens on all addresses. */
function addressOf({ host, port }: Listening): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
