import { PERMISSIONS } from '@latchkey/contract';
import { Latchkey } from './client.ts';
import { answerCall } from './testing/answer-call.ts';
import { changeRoutes } from './testing/change-routes.ts';
import { TestClock } from './testing/clock.ts';
import { KeyStore } from './testing/key-store.ts';
import { type Route, readRoutes, type State } from './testing/routes.ts';
import { type Owner, secretOf } from './testing/stored-key.ts';
import { usageRoutes } from './testing/usage-routes.ts';
import { Verification } from './testing/verification.ts';

export type { TestClock } from './testing/clock.ts';

export interface TestLatchkeyOptions {
  /** The permissions of your API, such as `invoices:read`, besides those that Latchkey has itself. */
  readonly permissions?: readonly string[];
  /** The time at which the clock starts; by default the present time. It moves only with `clock.advance`. */
  readonly now?: Date;
}

/**
 * A Latchkey in memory, for tests of an API: it creates, changes, rotates, revokes, verifies and counts keys, and decides with
 * the code of the service. It has one workspace with one owner, no database, no network and no timers. A call or a parameter
 * that it does not have throws an error that names it.
 */
export class TestLatchkey {
  /** The owner of all keys, for `keys.create`. */
  readonly userId: string;
  /** The key of the owner, with every permission. */
  readonly ownerKey: string;
  readonly clock: TestClock;
  /** A client with the key of the owner. */
  readonly latchkey: Latchkey;
  readonly #state: State;
  readonly #routes: readonly Route[];
  #isDown = false;

  constructor({ permissions = [], now = new Date() }: TestLatchkeyOptions = {}) {
    const owner: Owner = { workspaceId: 'ws_test', userId: 'usr_test' };
    const clock = new TestClock(now.getTime());
    const keys = new KeyStore(clock, owner, [...new Set([...PERMISSIONS, ...permissions])]);
    this.#state = { clock, owner, keys, verification: new Verification(keys, clock, owner) };
    this.#routes = [...readRoutes(this.#state), ...changeRoutes(this.#state), ...usageRoutes(this.#state)];
    this.clock = clock;
    this.userId = owner.userId;
    this.ownerKey = secretOf(keys.found());
    this.latchkey = this.client(this.ownerKey);
  }

  /** A client with this key. */
  client(key: string): Latchkey {
    return new Latchkey({ url: 'http://latchkey.test', key, fetch: this.#fetch });
  }

  /** From now on, every call fails as if no service could be reached. */
  stop(): void {
    this.#isDown = true;
  }

  /** Ends what `stop` began. */
  start(): void {
    this.#isDown = false;
  }

  readonly #fetch: typeof fetch = async (input, init) => {
    if (this.#isDown) throw new TypeError('fetch failed', { cause: new Error('TestLatchkey is stopped') });
    return answerCall(this.#state, this.#routes, new Request(input, init));
  };
}
