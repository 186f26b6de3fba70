/** What the exit code of the process tells a script. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  credential: 3,
  notFound: 4,
  unavailable: 5,
  wrongFile: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failure: 'failed or refused; a key that is not valid',
  usage: 'wrong usage of the command line',
  credential: 'no key given, or the service refuses it for this call',
  notFound: 'not found',
  unavailable: 'the service is out of reach or cannot answer now',
  wrongFile: 'the file is not what the command reads',
};

/** The table of exit codes, for the help text. */
export function exitCodeHelp(): string {
  const lines = Object.entries(EXIT).map(
    ([name, code]) => `  ${code}  ${MEANINGS[name as keyof typeof EXIT]}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}
