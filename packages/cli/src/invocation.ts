/** The first words of commands, which distinguish a command in a text from prose about the program. */
const COMMAND =
  /(?<![\w./-])latchkey(?= (?:\[|--help\b|(?:init|serve|sign-in|recover|login|logout|profiles|keys|members|roles|invitations|workspaces|sessions|permissions|logs|audit|backup|restore|completion|doctor)\b))/g;

/**
 * How the program was called: `latchkey`, `npx latchkey`, or `npm run --silent latchkey --` for a script of the
 * repository. npm sets `npm_command` and `npm_lifecycle_event` in the environment.
 */
function invocationOf({ npm_command: command, npm_lifecycle_event: script }: NodeJS.ProcessEnv): string {
  if (command === 'exec') return 'npx latchkey';
  const isOwnScript = script === 'latchkey' || script === 'start';
  return isOwnScript ? 'npm run --silent latchkey --' : 'latchkey';
}

/** Rewrites each command in the text to how the program was called, so that the user can paste it. */
export function asInvoked(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(COMMAND, invocationOf(env));
}
