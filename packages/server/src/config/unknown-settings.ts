import { distance } from 'fastest-levenshtein';

const PREFIX = 'LATCHKEY_';

/** Variables of the command line, which may be set where the service runs. */
const OF_THE_COMMAND_LINE = ['LATCHKEY_KEY', 'LATCHKEY_URL', 'LATCHKEY_PROFILE', 'LATCHKEY_DEBUG'];

/** An environment variable with our prefix that is not a setting: it has no effect. */
export interface UnknownSetting {
  readonly name: string;
  /** The setting that is probably meant; null: none is similar. */
  readonly nearest: string | null;
}

/** Finds the variables that have the prefix of our settings, in any case, and are not among them. */
export function unknownSettings(env: NodeJS.ProcessEnv, settings: readonly string[]): UnknownSetting[] {
  const known = [...settings.filter((name) => name.startsWith(PREFIX)), ...OF_THE_COMMAND_LINE];
  return Object.keys(env)
    .filter((name) => env[name] !== '' && name.toUpperCase().startsWith(PREFIX) && !known.includes(name))
    .map((name) => ({ name, nearest: nearestTo(name, known) }));
}

/** The name with the smallest edit distance, if that is at most half of the length after the prefix; else null. */
function nearestTo(name: string, known: readonly string[]): string | null {
  const edits = (other: string): number => distance(name.toUpperCase(), other);
  const [nearest] = known.toSorted((one, other) => edits(one) - edits(other));
  const editsMax = (name.length - PREFIX.length) / 2;
  return nearest !== undefined && edits(nearest) <= editsMax ? nearest : null;
}
