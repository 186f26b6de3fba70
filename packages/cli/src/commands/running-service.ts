import { getReadiness, type QueryOf } from '@latchkey/contract';

/** Where a service is configured to listen. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

interface Health {
  readonly check: 'service';
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Milliseconds: a health check that takes longer counts as unanswered. */
const PATIENCE_MS = 5_000;

/**
 * What the API says of the service that has the database open: whether it verifies keys, and whether it commits changes.
 * Asks where the settings say that it listens, or at `url`; takes no key.
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
function addressOf({ host, port }: Listening): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
