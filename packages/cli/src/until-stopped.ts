const CLOSE_MAX_MS = 10_000;
/** Signals closer together than this are one: npm passes on a Ctrl-C that the terminal has sent to everybody. */
const ECHO_MS = 500;

/**
 * Listens for SIGTERM and SIGINT from now on. The function returned resolves once one has come and `close` is done.
 * Whoever sends a second signal, or waits ten seconds, is not made to wait for `close`: the process ends with exit code 1.
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
