/** The exit codes of the process. */
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
  failure: 'failed or denied; a key that is not valid',
  usage: 'wrong usage of the command line',
  credential: 'no key given, or the service denies it for this call',
  notFound: 'not found',
  unavailable: 'the service cannot be reached or is unavailable',
  wrongFile: 'the file has the wrong format',
};

/** The table of exit codes, for the help text. */
export function exitCodeHelp(): string {
  const lines = Object.entries(EXIT).map(
    ([name, code]) => `  ${code}  ${MEANINGS[name as keyof typeof EXIT]}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}
