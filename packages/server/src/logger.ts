import { redactSecrets } from '@latchkey/contract';
import { type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';
import { LogOutput } from './log-output.ts';

const STANDARD_ERROR = 2;

/** Fields whose values are redacted, down to two levels of nesting. */
const SECRET_FIELDS = ['authorization', 'cookie', 'key', 'secret', 'token', 'pepper'];

/**
 * Structured logs on standard error, one JSON line per event. Secrets are redacted twice: by the name of their field, and
 * by their format in the finished line.
 */
export function createLogger(
  level: Config['logLevel'],
  destination: { write(line: string): void } = new LogOutput(STANDARD_ERROR),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: redactSecrets },
    },
    destination,
  );
}
