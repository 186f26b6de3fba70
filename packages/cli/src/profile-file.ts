import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** The URL of a service and a key to call it with. */
export interface Profile {
  readonly url: string;
  readonly key: string;
}

export type Profiles = Readonly<Record<string, Profile>>;

export const DEFAULT_PROFILE = 'default';

/** The path of the profile file; null if the environment has no home folder. */
function profilePath({ XDG_CONFIG_HOME, HOME, USERPROFILE }: NodeJS.ProcessEnv): string | null {
  const home = HOME || USERPROFILE;
  // The XDG Base Directory Specification says that relative paths are ignored.
  if (XDG_CONFIG_HOME && path.isAbsolute(XDG_CONFIG_HOME))
    return path.join(XDG_CONFIG_HOME, 'latchkey', 'profiles.json');
  return home ? path.join(home, '.config', 'latchkey', 'profiles.json') : null;
}

/** All profiles; empty if there is no file. Throws a Failure if other users can read the file or it is not a profile file. */
export async function readProfiles(env: NodeJS.ProcessEnv): Promise<Profiles> {
  const file = profilePath(env);
  if (file === null) return {};
  try {
    await requirePrivate(file);
    return parse(file, await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Failure) throw error;
    if (code === 'ENOENT') return {};
    throw unusable(`${file} cannot be read (${code})`);
  }
}

/** Replaces the profiles atomically. Only the owner can read the file. */
export async function writeProfiles(env: NodeJS.ProcessEnv, profiles: Profiles): Promise<string> {
  const file = profilePath(env);
  if (file === null) throw unusable('there is no folder for profiles: set HOME or XDG_CONFIG_HOME');
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(`${JSON.stringify({ profiles }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    throw unusable(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return file;
}

async function requirePrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw unusable(`other users can read ${file}, which holds keys`, `run: chmod 600 ${file}`);
}

function parse(file: string, content: string): Profiles {
  try {
    const { profiles } = JSON.parse(content) as { profiles: unknown };
    if (isProfiles(profiles)) return profiles;
  } catch {
    // Reported below, because the message of the parser would repeat the content of the file.
  }
  throw unusable(`${file} is not a file of profiles`, 'remove it, and log in again with latchkey login');
}

function isProfiles(value: unknown): value is Profiles {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each: Partial<Profile> | null) =>
    [each?.url, each?.key].every((text) => typeof text === 'string'),
  );
}

function unusable(message: string, hint?: string): Failure {
  const failing = { exitCode: EXIT.failure, code: 'PROFILES', message };
  return new Failure({ ...failing, ...(hint !== undefined && { hint }) });
}
