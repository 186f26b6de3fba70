import type { Readable, Writable } from 'node:stream';
import type { ExitCode } from '../exit-codes.ts';

type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The environment of a run of the program: the process, or a test. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Input;
  /** Receives only the result of the command. */
  readonly stdout: Output;
  /** Receives notes, warnings and errors. */
  readonly stderr: Output;
  /** The exit code of the run if nothing is thrown. */
  exitCode: ExitCode;
  /** Whether the run continues if standard output cannot be written, as for a running service. */
  outlivesOutput: boolean;
}

/** Can the program ask a question and read the answer? */
export function isInteractive({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** The width in columns; undefined if the output is not a terminal, or its width is unknown. */
export function widthOf({ isTTY, columns = 0 }: Output): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}
