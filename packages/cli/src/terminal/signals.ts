const CLOSE_MAX_MS = 10_000;
/** In milliseconds. Signals within this time count as one: npm forwards a Ctrl-C that the terminal also sends to this process. */
const ECHO_MS = 500;

/**
 * Listens for SIGTERM and SIGINT from now on. The returned function resolves after a signal, when `close` is done. After a
 * second signal, or ten seconds, the process exits with code 1 without waiting for `close`.
 */
export function listenForStop(): (close: () => Promise<void>) => Promise<void> {
  const stopped = firstSignal();
  return async (close) => {
    await stopped;
    setTimeout(() => process.exit(1), CLOSE_MAX_MS).unref();
    await close();
  };
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    const onSignal = () => {
      if (firstAt !== null && performance.now() - firstAt > ECHO_MS) process.exit(1);
      firstAt ??= performance.now();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
