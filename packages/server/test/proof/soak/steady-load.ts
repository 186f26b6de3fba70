import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { generateKeyText } from '../../../src/domain/shared/tokens.ts';
import { KeptConnection } from '../../harness/kept-connection.ts';
import { exchange, type HeaderList, type RawAnswer, requestBytes } from '../../harness/raw-http.ts';
import type { FirstWorkspace } from '../../harness/service-process.ts';

/** Turns a second: moderate, so that other processes are not starved. */
const RATE = 300;
const CONNECTIONS = 16;
/** The number of valid keys, which are checked in turn. */
const GOOD_KEYS = 100;
const KEYS = '/api/v2/api-keys';

/** How often each kind of turn comes in a round of sixty: a key is made and revoked five times a second. */
const SHARES = { good: 28, unknown: 10, verify: 12, fault: 9, change: 1 } as const;
type Kind = keyof typeof SHARES;

const ROUND = Object.entries(SHARES).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind));

/** Calls one service at a fixed rate (open load): the next request is sent when it is due, whatever the last answer was. */
export class SteadyLoad {
  /** Unexpected answers, and how often each came. */
  readonly unexpected = new Map<string, number>();
  readonly turns: Record<Kind, number> = { good: 0, unknown: 0, verify: 0, fault: 0, change: 0 };
  readonly #port: number;
  readonly #owner: FirstWorkspace;
  readonly #connections: readonly KeptConnection[];
  readonly #secrets: string[] = [];

  constructor(url: string, owner: FirstWorkspace) {
    this.#port = Number(new URL(url).port);
    this.#owner = owner;
    this.#connections = Array.from({ length: CONNECTIONS }, () => new KeptConnection(this.#port));
  }

  /** Creates the keys, then checks them for the given time. */
  async run(milliseconds: number): Promise<void> {
    for (let made = 0; made < GOOD_KEYS; made++) {
      const answer = await this.#create(this.#connectionOf(made), `Good key ${made}`);
      this.#secrets.push(answer.body.data.result.key);
    }
    const startedAt = performance.now();
    const lane = async (first: number): Promise<void> => {
      for (let turn = first; ; turn += CONNECTIONS) {
        const due = (turn * 1_000) / RATE;
        if (due >= milliseconds) return;
        await after(Math.max(0, startedAt + due - performance.now()));
        await this.#take(turn);
      }
    };
    await Promise.all(this.#connections.map((_, first) => lane(first)));
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #take(turn: number): Promise<void> {
    const kind = ROUND[turn % ROUND.length] as Kind;
    const connection = this.#connectionOf(turn);
    const secret = this.#secrets[turn % GOOD_KEYS] ?? '';
    this.turns[kind]++;
    switch (kind) {
      case 'good':
        return this.#expect(kind, 200, await this.#ask(connection, 'GET', `${KEYS}/check`, secret));
      case 'unknown': {
        const unknown = generateKeyText('lk', 'live');
        return this.#expect(kind, 401, await this.#ask(connection, 'GET', `${KEYS}/check`, unknown));
      }
      case 'verify': {
        const body = JSON.stringify({ key: secret });
        const answer = await this.#ask(connection, 'POST', `${KEYS}/verify`, this.#owner.key, body);
        return this.#expect(kind, 200, answer);
      }
      case 'fault':
        return this.#fault(turn, connection);
      case 'change':
        return this.#change(turn, connection);
    }
  }

  /** In turn: a body that is not JSON, bytes that are not HTTP, and a client that disconnects in the middle of a head. */
  async #fault(turn: number, connection: KeptConnection): Promise<void> {
    switch (turn % 3) {
      case 0: {
        const answer = await this.#ask(connection, 'POST', `${KEYS}/verify`, this.#owner.key, '{"key":');
        return this.#expect('no JSON', 400, answer);
      }
      case 1: {
        const [answer] = await exchange(this.#port, 'no HTTP\r\n\r\n');
        return this.#expect('no HTTP', 400, answer);
      }
      default: {
        const socket = connect(this.#port, '127.0.0.1');
        await once(socket, 'connect');
        socket.write(`GET ${KEYS}/check HTTP/1.1\r\nHost: `);
        socket.destroy();
      }
    }
  }

  async #change(turn: number, connection: KeptConnection): Promise<void> {
    const created = await this.#create(connection, `Short-lived key ${turn}`);
    this.#expect('create', 201, created);
    if (created.status !== 201) return;
    const target = `${KEYS}/${created.body.data.result.apiKey.id}`;
    this.#expect('revoke', 200, await this.#ask(connection, 'DELETE', target, this.#owner.key));
  }

  #create(connection: KeptConnection, name: string): Promise<RawAnswer> {
    const body = JSON.stringify({ name, userId: this.#owner.userId, permissions: ['calls:read'] });
    return this.#ask(connection, 'POST', KEYS, this.#owner.key, body);
  }

  #ask(
    connection: KeptConnection,
    method: string,
    target: string,
    as: string,
    body?: string,
  ): Promise<RawAnswer> {
    const headers: HeaderList = [
      ['Host', '127.0.0.1'],
      ['Authorization', `Bearer ${as}`],
      ...(body === undefined ? [] : bodyHeaders(body)),
    ];
    return connection.ask(requestBytes(`${method} ${target} HTTP/1.1`, headers, body));
  }

  #expect(what: string, status: number, answer: RawAnswer | undefined): void {
    if (answer?.status === status) return;
    const finding = `${what}: ${answer?.status} ${answer?.body?.data?.error?.code ?? ''}`;
    this.unexpected.set(finding, (this.unexpected.get(finding) ?? 0) + 1);
  }

  #connectionOf(turn: number): KeptConnection {
    return this.#connections[turn % CONNECTIONS] as KeptConnection;
  }
}

function bodyHeaders(body: string): HeaderList {
  return [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ];
}
