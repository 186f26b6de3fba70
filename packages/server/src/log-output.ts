import { write } from 'node:fs';
import { redactSecrets } from '@latchkey/contract';
import { type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';

/** Characters of buffered lines. Further lines are dropped, so that a stalled reader cannot fill the memory. */
const WAITING_MAX = 4 * 1024 * 1024;
/** Milliseconds until the next attempt to write when the reader's buffer is full. */
const BUSY_WAIT_MS = 50;
const BUSY = 'EAGAIN';
/** Pino's number for `warn`. */
const WARN = 40;
/** Pino's number for `error`. */
const ERROR = 50;
const LINE_FEED = 0x0a;

/**
 * Writes log lines to a file descriptor in the background. It never throws, blocks or ends the process: lines that cannot
 * be written, for instance on a full disk or to a closed pipe, are dropped and counted. The next successful write begins
 * with a line that has their number.
 */
export class LogOutput {
  readonly #descriptor: number;
  #waiting: string[] = [];
  #waitingLength = 0;
  #lost = 0;
  /** The last write ended in the middle of a line. */
  #isTorn = false;
  #isWriting = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** `line` ends with a line feed. */
  write(line: string): void {
    if (this.#waitingLength + line.length > WAITING_MAX) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (!this.#isWriting) this.#writeWaiting();
  }

  #writeWaiting(): void {
    const reported = this.#lost;
    const report = reported > 0 ? [lossLine(reported)] : [];
    const lines = [...report, ...this.#waiting];
    const bytes = Buffer.from((this.#isTorn ? '\n' : '') + lines.join(''));
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#lost = 0;
    this.#isWriting = true;
    this.#writeAll(bytes, (unwritten) => {
      const isNothingWritten = unwritten.length === bytes.length;
      if (isNothingWritten) this.#lost += reported + lines.length - report.length;
      else {
        this.#lost += countLines(unwritten);
        this.#isTorn = bytes[bytes.length - unwritten.length - 1] !== LINE_FEED;
      }
      this.#isWriting = false;
      if (this.#waiting.length > 0) this.#writeWaiting();
    });
  }

  /** Calls back with the text that could not be written; empty if all was written. */
  #writeAll(bytes: Buffer, done: (unwritten: Buffer) => void): void {
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === BUSY) setTimeout(() => this.#writeAll(bytes, done), BUSY_WAIT_MS).unref();
      else if (error || written === bytes.length) done(error ? bytes : bytes.subarray(written));
      else this.#writeAll(bytes.subarray(written), done);
    });
  }
}

function lossLine(lost: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: WARN, time, lost, msg: `${lost} log lines were lost` })}\n`;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_FEED) lines++;
  return lines;
}

const STANDARD_ERROR = 2;

/** Fields whose values are redacted, down to two levels of nesting. */
const SECRET_FIELDS = ['authorization', 'cookie', 'key', 'secret', 'token', 'pepper'];

/**
 * Structured logs on standard error, one JSON line per event. Secrets are redacted twice: by the name of their field, and
 * by their format in the finished line.
 */
/** `onError`: gets the text of each line of level `error` or higher, without secrets. */
export function createLogger(
  level: Config['logLevel'],
  destination: { write(line: string): void } = new LogOutput(STANDARD_ERROR),
  onError: (message: string) => void = () => {},
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
      hooks: {
        streamWrite: redactSecrets,
        logMethod(args, method, level) {
          if (level >= ERROR)
            onError(redactSecrets(String(args.find((arg) => typeof arg === 'string') ?? '')));
          method.apply(this, args);
        },
      },
    },
    destination,
  );
}

/** A function that logs the error with which something is gone, and with null that it is back. */
export function reportOutage(logger: Logger, gone: string, back: string, fields: object = {}) {
  return (error: unknown): void => {
    if (error) logger.error({ err: error, ...fields }, gone);
    else logger.info(fields, back);
  };
}
