import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

/** Longer than an instance is stopped. */
const SILENCE_MS_MAX = 60_000;

export const KEYS = '/api/v2/api-keys';

/** One instance of a fleet. */
export interface Member {
  readonly process: ServiceProcess;
  readonly client: HttpClient;
  readonly folder: string;
}

/** Several instances over one database, which the first `latchkey init` has set up. */
export class Fleet {
  readonly members: readonly Member[];
  readonly owner: FirstWorkspace;
  readonly #folder: string;

  private constructor(members: readonly Member[], owner: FirstWorkspace, folder: string) {
    this.members = members;
    this.owner = owner;
    this.#folder = folder;
  }

  /** One instance for each URL of the database; `settings`: further ones of each. */
  static async start(
    urls: readonly [string, ...string[]],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Fleet> {
    const parent = mkdtempSync(path.join(tmpdir(), 'latchkey-fleet-'));
    const first = path.join(parent, '0');
    const owner = await runInit(first, { DATABASE_URL: urls[0] });
    const starting = urls.map(async (url, index): Promise<Member> => {
      const folder = path.join(parent, String(index));
      if (index > 0) cpSync(first, folder, { recursive: true });
      const process = await startService({ dataDir: folder, env: { DATABASE_URL: url, ...settings } });
      return { process, client: new HttpClient(process.url, SILENCE_MS_MAX), folder };
    });
    return new Fleet(await Promise.all(starting), owner, parent);
  }

  member(index: number): Member {
    return this.members[index % this.members.length] as Member;
  }

  async createKey(through: Member, fields: object = {}): Promise<{ id: string; key: string }> {
    const body = { name: 'Key', userId: this.owner.userId, ...fields };
    const answer = await through.client.call('POST', KEYS, { as: this.owner.key, body });
    if (answer.status !== 201) throw new Error(answer.text);
    return { id: answer.body.data.result.apiKey.id, key: answer.body.data.result.key };
  }

  async stop(): Promise<void> {
    for (const { client, process } of this.members) {
      client.close();
      await process.kill();
    }
    rmSync(this.#folder, { recursive: true });
  }
}

/** The code of the verdict of a check; `503` if the instance cannot decide. */
export async function codeOf({ client }: Member, key: string): Promise<string> {
  const { status, body } = await client.call('GET', `${KEYS}/check`, { as: key });
  return status === 200 ? 'VALID' : status === 503 ? '503' : body.data.error.code;
}

/** The value of a metric without labels, read on the socket of the host. */
export async function metricOf({ folder }: Member, name: string): Promise<number> {
  const request = get({ socketPath: path.join(folder, 'host.sock'), path: '/metrics' });
  const [answer] = await once(request, 'response');
  const line = new RegExp(`^${name} (.+)$`, 'm').exec(await text(answer));
  return Number(line?.[1]);
}
