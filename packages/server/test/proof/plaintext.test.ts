import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CanaryScanner, type Sighting, writtenForms } from '../harness/canary-scanner.ts';
import { HttpClient } from '../harness/http-client.ts';
import { EXPOSURES, type Exposure } from '../harness/key-exposures.ts';
import { exchange } from '../harness/raw-http.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const PEPPER = 'pepper';
const FIRST_KEY = 'the first key';

interface Minted {
  readonly keyId: string;
  readonly secret: string;
}

/** A raw answer, and the secret that it may contain. */
interface Heard {
  readonly to: string;
  readonly text: string;
  readonly secret: string | null;
}

/** Everything that a scene leaves besides its answers, by name: files, logs, process data. */
type Places = Map<string, Buffer | string>;

interface Scene {
  readonly owner: FirstWorkspace;
  /** Secrets by what happens to them. */
  readonly canaries: Map<string, string>;
  readonly heard: Heard[];
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-plaintext-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['debug', 'trace'])('with the log level %s', (level) => {
  test('a secret is in the answer that issues it, and in 0 files, logs, processes and other answers', async () => {
    const dataDir = join(folder, level);
    const env = { LATCHKEY_LOG_LEVEL: level };
    const owner = await initDataDir(dataDir);
    const canaries = new Map([[FIRST_KEY, owner.key], ...pepperOf(dataDir)]);
    const scene: Scene = { owner, canaries, heard: [] };

    const service = await startService({ dataDir, env });
    await play(scene, service);
    const places: Places = new Map([...processPlaces(service.pid), ['the log', service.output]]);
    await service.kill();
    for (const [name, content] of filesOf(dataDir)) places.set(`${name} after a kill`, content);
    const next = await startService({ dataDir, env });
    await listKeys(scene, next);
    expect(await next.stop()).toBe(0);
    for (const [name, content] of filesOf(dataDir)) places.set(`${name} after a stop`, content);
    places.set('the next log', next.output);

    const sightings = search(scene, places);
    process.stdout.write(
      `plaintext proof, ${level}: ${summary(scene, places)}, ${sightings.length} sightings\n`,
    );
    expect(sightings).toEqual([]);
    expectRealPlaces(scene, places);
  });
});

describe('the scanner', () => {
  test('finds a secret in every form, both halves of it', async () => {
    const { key } = await initDataDir(join(folder, 'forms'));
    const scanner = new CanaryScanner(new Map([[FIRST_KEY, key]]));
    for (const { form, bytes } of writtenForms(key)) {
      const framed = Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')]);
      const forms = scanner.scan('a text', framed).map((sighting) => sighting.form);
      // The position of a half within the secret decides which of the three base64 offsets it has.
      for (const half of ['first half', 'second half']) {
        expect(forms.some((seen) => seen.startsWith(`${half}, ${form.split(' at ')[0]}`))).toBe(true);
      }
    }
    expect(scanner.scan('a hint', `${key.slice(0, 8)}…${key.slice(-4)}`)).toEqual([]);
  });

  test('finds a planted half of a secret in a file, an argument and a variable of a process', async () => {
    const dataDir = join(folder, 'planted');
    const { key } = await initDataDir(dataDir);
    const scanner = new CanaryScanner(new Map([[FIRST_KEY, key]]));
    writeFileSync(join(dataDir, 'latchkey.db'), `${'x'.repeat(5_000)}${key.slice(30)}`, { flag: 'a' });
    expect([...filesOf(dataDir)].flatMap(([name, content]) => scanner.scan(name, content))).toEqual([
      { canary: FIRST_KEY, where: 'latchkey.db', form: 'second half, plain' },
    ]);
    const seen = await withProcess([key], { KEY: key }, (pid) =>
      [...processPlaces(pid)].flatMap(([name, content]) => scanner.scan(name, content)),
    );
    const names = existsSync('/proc/self') ? ['/proc/<pid>/cmdline', '/proc/<pid>/environ'] : [];
    expect([...new Set(seen.map(({ where }) => where))]).toEqual(names);
  });
});

/** A process that does nothing for as long as `look` takes. */
async function withProcess<T>(
  args: readonly string[],
  env: Record<string, string>,
  look: (pid: number) => T,
): Promise<T> {
  const script = 'console.log("here"); setInterval(() => {}, 1_000)';
  const child = spawn(process.execPath, ['-e', script, ...args], { env });
  try {
    await once(child.stdout, 'data');
    return look(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Issues secrets in every way, and exposes each of them in one way. */
async function play(scene: Scene, service: ServiceProcess): Promise<void> {
  const client = new HttpClient(service.url);
  const ways = [mintByCreate, mintByRepeatedCreate, mintByRotate, mintByRepeatedRotate];
  for (const [index, [title, exposure]] of Object.entries(EXPOSURES).entries()) {
    const way = ways[index % ways.length] ?? mintByCreate;
    const minted = await way(scene, client, title);
    scene.canaries.set(title, minted.secret);
    await expose(scene, service, title, exposure, minted);
  }
  client.close();
}

async function expose(
  { owner, canaries, heard }: Scene,
  { url }: ServiceProcess,
  to: string,
  exposure: Exposure,
  { keyId, secret }: Minted,
): Promise<void> {
  const request = exposure(secret, { owner: owner.key, userId: owner.userId, keyId });
  const [answer] = await exchange(Number(new URL(url).port), request);
  const text = answer ? `${answer.status}\n${JSON.stringify(answer.headers)}\n${answer.text}` : 'no answer';
  const issued: string | null = answer?.body?.data?.result?.key ?? null;
  if (issued !== null) canaries.set(`${to}, issued there`, issued);
  heard.push({ to, text, secret: issued });
}

async function listKeys({ owner, heard }: Scene, { url }: ServiceProcess): Promise<void> {
  const client = new HttpClient(url);
  const { text } = await client.call('GET', `${KEYS}?limit=100`, { as: owner.key });
  heard.push({ to: 'list', text, secret: null });
  client.close();
}

async function mintByCreate(scene: Scene, client: HttpClient, title: string): Promise<Minted> {
  return mint(scene, client, `create for: ${title}`, KEYS, newKey(scene));
}

async function mintByRepeatedCreate(scene: Scene, client: HttpClient, title: string): Promise<Minted> {
  const call = [
    `repeated create for: ${title}`,
    KEYS,
    newKey(scene),
    `value-${scene.canaries.size}`,
  ] as const;
  await mint(scene, client, ...call);
  return mint(scene, client, ...call);
}

async function mintByRotate(scene: Scene, client: HttpClient, title: string): Promise<Minted> {
  const { keyId, secret } = await mintByCreate(scene, client, title);
  scene.canaries.set(`${title}, before its rotation`, secret);
  return mint(scene, client, `rotate for: ${title}`, `${KEYS}/${keyId}/rotate`, { overlapSeconds: 60 });
}

async function mintByRepeatedRotate(scene: Scene, client: HttpClient, title: string): Promise<Minted> {
  const { keyId, secret } = await mintByCreate(scene, client, title);
  scene.canaries.set(`${title}, before its rotation`, secret);
  const value = `value-${scene.canaries.size}`;
  const call = [`repeated rotate for: ${title}`, `${KEYS}/${keyId}/rotate`, {}, value] as const;
  await mint(scene, client, ...call);
  return mint(scene, client, ...call);
}

function newKey({ owner, canaries }: Scene): object {
  return { name: `canary ${canaries.size}`, userId: owner.userId, permissions: [] };
}

async function mint(
  { owner, heard }: Scene,
  client: HttpClient,
  to: string,
  path: string,
  body: object,
  idempotencyKey?: string,
): Promise<Minted> {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const answer = await client.call('POST', path, { as: owner.key, body, headers });
  const { apiKey, key: secret } = answer.body.data.result;
  heard.push({ to, text: `${JSON.stringify(answer.headers)}\n${answer.text}`, secret });
  return { keyId: apiKey.id, secret };
}

/** The pepper as its file has it, and its bytes in hex. */
function pepperOf(dataDir: string): [name: string, text: string][] {
  const text = readFileSync(join(dataDir, PEPPER), 'utf8').trim();
  return [
    ['the pepper', text],
    ['the bytes of the pepper', Buffer.from(text, 'base64url').toString('hex')],
  ];
}

/** What other processes can read about a process. Empty without /proc. */
function processPlaces(pid: number): Places {
  const names = ['cmdline', 'environ'].filter((name) => existsSync(`/proc/${pid}/${name}`));
  return new Map(names.map((name) => [`/proc/<pid>/${name}`, readFileSync(`/proc/${pid}/${name}`)]));
}

/** The contents of every file of a data directory except the pepper file. */
function filesOf(dataDir: string): Places {
  const entries = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== PEPPER);
  return new Map(files.map((file) => [file.name, readFileSync(join(file.parentPath, file.name))]));
}

function search({ canaries, heard }: Scene, places: Places): Sighting[] {
  const scanner = new CanaryScanner(canaries);
  const inPlaces = [...places].flatMap(([name, content]) => scanner.scan(name, content));
  const inAnswers = heard.flatMap(({ to, text, secret }) =>
    scanner.scan(`the answer to ${to}`, secret === null ? text : text.replaceAll(secret, '')),
  );
  return [...inPlaces, ...inAnswers];
}

/** Asserts that the search covered the rows, log lines and answers of this scene, and did not pass on empty input. */
function expectRealPlaces({ heard }: Scene, places: Places): void {
  const stored = [...places].filter(([name]) => name.startsWith('latchkey.db'));
  expect(stored.some(([, content]) => content.includes('canary 1'))).toBe(true);
  expect(places.get('the log')).toMatch(/"msg":"answered"/);
  expect(heard.filter(({ secret }) => secret !== null).length).toBeGreaterThan(Object.keys(EXPOSURES).length);
}

function summary({ canaries, heard }: Scene, places: Places): string {
  const bytes = [...places.values()].reduce((sum, content) => sum + content.length, 0);
  return `${canaries.size} secrets, ${heard.length} answers, ${places.size} files and streams of ${bytes} bytes`;
}
