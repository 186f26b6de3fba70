import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../../server/test/harness/free-port.ts';
import { commandsOf, filledIn, isAbridged, type ReadmeCommand } from '../harness/readme.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

/*
 * Walks through the README as a newcomer would, in a copy of a fresh clone. The copy borrows the installed packages, the
 * built program and the built dashboard; with README_INSTALL=1 its own commands install and build them (a minute or two, from the registry).
 */

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const INSTALLS = process.env.README_INSTALL === '1';
const ADDRESS = 'http://127.0.0.1:7400';
const START_MS = INSTALLS ? 600_000 : 60_000;

/** What the text says that a command shows, besides ending well. */
const SHOWN: readonly (readonly [command: RegExp, output: RegExp])[] = [
  [/api\/v2\/api-keys /, /"permissions":\["calls:read"\].*"key":"lk_live_\w{49}"/],
  [/keys create/, /^key +lk_live_\w{49}$/m],
  [/keys create .*600/, /^per minute +600$/m],
  [/recover/, /^sign-in link +http/m],
  [/keys generate/, /^lk_live_…/m],
  [/keys list/, /^ID .*\n.*key_/m],
  [/keys usage/, /^0 allowed, 0 \w+$/m],
  [/keys explain/, /^permission +ok/m],
  [/keys rotate/, /^key +lk_live_\w{49}$/m],
  [/keys revoke/, /^Revoked key_/m],
  [/keys find/, /key_.*lk_live_…/],
  [/keys verify/, /^valid +yes$/m],
  [/invitations create/, /^accept at +http.*lk_invite_/m],
  [/members list/, /Owner/],
  [/roles create/, /^permissions +calls: read$/m],
  [/logs list/, /api-key\.created/],
  [/audit verify/, /^intact: entries 1 to \d+/m],
  [/backup latchkey/, /^Wrote [\s\S]*; checked\.$/m],
  [/doctor/, /^✓ pepper/m],
  [/login --profile/, /^profile +mine$/m],
  [/sign-in/, /^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}$/m],
];

function freshClone(): string {
  const clone = join(temporaryFolder(), 'latchkey');
  const left = new Set(['.git', 'node_modules', 'dist', 'coverage', 'bench', 'test']);
  const isCopied = (path: string) => !left.has(basename(path)) && path !== join(ROOT, 'data');
  cpSync(ROOT, clone, { recursive: true, filter: isCopied });
  if (INSTALLS) return clone;
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  for (const name of ['cli', 'dashboard'])
    symlinkSync(join(ROOT, 'packages', name, 'dist'), join(clone, 'packages', name, 'dist'));
  return clone;
}

class Walk {
  readonly #clone = freshClone();
  readonly #exports: string[] = [];
  readonly #outputs: string[] = [];
  readonly #url: string;
  readonly #env: NodeJS.ProcessEnv;
  #service: ChildProcess | null = null;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}`;
    const { PATH, HOME } = process.env;
    const env = { PATH, PORT: String(port), LATCHKEY_URL: this.#url, NO_COLOR: '1' };
    this.#env = { ...env, HOME: INSTALLS ? HOME : temporaryFolder() };
  }

  /** Types the command into a shell. The service listens elsewhere than the README says, so that tests can run side by side. */
  async type({ text, answer }: ReadmeCommand): Promise<void> {
    const command = filledIn(text, this.#outputs).replaceAll(ADDRESS, this.#url);
    if (/^curl .*api-keys /.test(command)) this.#expectPrinted(command);
    const output = command.endsWith('npm start') ? await this.#start(command) : await this.#run(command);
    this.#outputs.push(output);
    if (command.startsWith('export ')) this.#exports.push(command);
    for (const [pattern, shown] of SHOWN) if (pattern.test(command)) expect(output, command).toMatch(shown);
    if (answer !== undefined) expect(isAbridged(answer, JSON.parse(output)), output).toBe(true);
  }

  async stop(): Promise<void> {
    const service = this.#service;
    if (service?.pid === undefined) return;
    this.#service = null;
    const ended = once(service, 'close');
    // As Ctrl-C does: to npm and all that it has started.
    process.kill(-service.pid, 'SIGINT');
    await ended;
  }

  /** The start has printed this very call, with the key in it and an expiry of its own. */
  #expectPrinted(command: string): void {
    const printed = (this.#outputs.find((output) => output.includes('curl ')) ?? '').replaceAll(
      /\\\n */g,
      '',
    );
    const call = printed.slice(printed.indexOf('curl ')).trim();
    const withoutValues = (line: string) =>
      line.replace(/["']Authorization: Bearer [^"']+["']/, 'the key').replace(/\d{4}-\d\d-\d\d/, 'a date');
    expect(withoutValues(call)).toBe(withoutValues(command));
  }

  #script(command: string): string {
    return [...this.#exports, command].join('\n');
  }

  async #start(command: string): Promise<string> {
    await this.stop();
    const child = spawn('bash', ['-c', this.#script(command)], {
      cwd: this.#clone,
      env: this.#env,
      detached: true,
    });
    this.#service = child;
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const ended = once(child, 'close').then(() => 'ended');
    const isReady = vi.waitFor(() => expect(stdout, stderr).toContain('listening on'), START_MS);
    if ((await Promise.race([isReady, ended])) === 'ended')
      throw new Error(`npm start ended:\n${stdout}${stderr}`);
    return stdout;
  }

  #run(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.#clone, env: this.#env };
      execFile('bash', ['-c', this.#script(command)], options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${command} ended with ${error.code}:\n${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }
}

test(
  'every command of the README runs as printed, one after the other, and shows what the text says',
  async () => {
    const commands = commandsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    expect(commands.filter(({ skipped }) => skipped !== null).map(({ text }) => text)).toEqual(['npm test']);
    const walk = new Walk(await freePort());
    onTestFinished(() => walk.stop());
    for (const command of commands) if (command.skipped === null) await walk.type(command);
  },
  START_MS * 5,
);
