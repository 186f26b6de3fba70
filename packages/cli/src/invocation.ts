/** The words that follow the name of the program in a command, so that prose about it is left as it is. */
const COMMAND =
  /(?<![\w./-])latchkey(?= (?:\[|--help\b|(?:init|serve|sign-in|recover|login|logout|profiles|keys|members|roles|invitations|workspaces|sessions|permissions|logs|audit|backup|restore|completion|doctor)\b))/g;

/**
 * How the program was called: `latchkey`, `npx latchkey`, or `npm run --silent latchkey --` where npm runs a script of the
 * repository. npm says so in the environment (`npm_command`, `npm_lifecycle_event`).
 */
function invocationOf({ npm_command: command, npm_lifecycle_event: script }: NodeJS.ProcessEnv): string {
  if (command === 'exec') return 'npx latchkey';
  const isOwnScript = script === 'latchkey' || script === 'start';
  return isOwnScript ? 'npm run --silent latchkey --' : 'latchkey';
}

/** The text with each command in it written as the program was called, so that it can be pasted. */
export function asInvoked(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(COMMAND, invocationOf(env));
}
