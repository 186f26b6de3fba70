import { PassThrough } from 'node:stream';
import { run } from '../../src/program.ts';
import type { Terminal } from '../../src/terminal/terminal.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** What is piped or typed into the program. */
  readonly stdin?: string;
  /** A person sits there, with a terminal this wide. */
  readonly columns?: number;
}

/** Runs the program in this process. */
export async function runCli(
  args: readonly string[],
  { env = {}, stdin = '', columns }: Surroundings = {},
): Promise<Ran> {
  const screen = columns === undefined ? {} : { isTTY: true, columns };
  const stdout = Object.assign(new PassThrough(), screen);
  const stderr = Object.assign(new PassThrough(), screen);
  const terminal: Terminal = {
    env,
    stdin: Object.assign(PassThrough.from([stdin]), screen, { setRawMode: () => undefined }),
    stdout,
    stderr,
    exitCode: 0,
    outlivesOutput: false,
  };
  const exitCode = await run(args, terminal);
  return { exitCode, stdout: written(stdout), stderr: written(stderr) };
}

function written(stream: PassThrough): string {
  return String(stream.read() ?? '');
}
