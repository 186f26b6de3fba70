import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The folder of the package. */
export const PACKAGE = path.join(import.meta.dirname, '..');

/** A folder with the package alone, installed from its tarball without a network. */
export interface PackedPackage {
  readonly folder: string;
  /** The file name of the tarball, in the folder. */
  readonly tarball: string;
  put(name: string, text: string): void;
}

/** Packs the package, which builds it if it is outdated, and installs it in an empty folder, which the caller deletes. */
export async function installPacked(): Promise<PackedPackage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-package-'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], PACKAGE);
  const tarball = `./${readdirSync(folder).find((file) => file.endsWith('.tgz'))}`;
  const put = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  put('package.json', JSON.stringify({ private: true }));
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], folder);
  return { folder, tarball, put };
}

/** Runs a program with no other environment than `env`, and returns what it printed. Throws an error with all of its output. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(program, args, { cwd, env: { PATH, HOME, ...env } }).catch(
    (error: { stdout: string }) => {
      throw new Error(`${String(error)}\n${error.stdout}`);
    },
  );
  return stdout;
}
