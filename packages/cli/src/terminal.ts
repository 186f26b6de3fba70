import type { Readable, Writable } from 'node:stream';
import type { ExitCode } from './exit-codes.ts';

type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What surrounds a run of the program: the process itself, or a test. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Input;
  /** Carries the answer, and nothing else. */
  readonly stdout: Output;
  /** Carries everything that is said besides the answer. */
  readonly stderr: Output;
  /** With what the run ends if nothing is thrown. */
  exitCode: ExitCode;
  /** Does the run go on where its answer cannot be written, as a service does? */
  outlivesOutput: boolean;
}

/** Can somebody be asked, and answer? */
export function isInteractive({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** In columns; undefined where nobody looks, or where the terminal does not know. */
export function widthOf({ isTTY, columns = 0 }: Output): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}
