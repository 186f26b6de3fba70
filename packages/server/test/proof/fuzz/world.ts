import { generateKeyText } from '../../../src/domain/shared/tokens.ts';
import type { Subject } from '../../harness/sample-requests.ts';
import { makeSubject } from '../../harness/subject.ts';
import type { TestService } from '../../harness/test-service.ts';
import type { Draft } from './draft.ts';
import type { FuzzRandom } from './fuzz-random.ts';

const KEYS = '/api/v2/api-keys';
/** The number of keys created by fuzzed requests that later requests use. */
const REMEMBERED_MAX = 40;
/** Of roles, members and invitations each. */
const OTHERS = 30;
/** Some of them may be revoked by now; that is a case too. */
const REMEMBERED_MIN = 10;

/** Each as often as it is to be used; the first is what a failing request is reduced to. */
export const CREDENTIALS = [
  ...(['owner', 'owner', 'owner', 'owner', 'owner', 'owner', 'owner'] as const),
  ...(['owner', 'owner', 'owner', 'owner', 'owner', 'owner', 'owner'] as const),
  ...(['minted', 'reader', 'writer', 'powerless', 'limited', 'foreign'] as const),
  ...(['expired', 'disabled', 'revoked', 'unknown', 'misspelt', 'garbage', 'none'] as const),
] as const;

export type Credential = (typeof CREDENTIALS)[number];

interface Minted {
  readonly id: string;
  readonly secret: string;
}

/** The data that fuzzed requests can use: people, keys in every state, and the results of earlier requests. */
export class World {
  readonly service: TestService;
  readonly workspaceId: string;
  readonly userIds: readonly string[];
  /** Roles, members and open invitations of the workspace, none of which the credentials depend on. */
  readonly others: readonly Subject[];
  readonly #fixed: ReadonlyMap<Credential, string>;
  #minted: Minted[];
  #lastMint: Draft | null = null;
  #sessionIds: string[];
  #signInToken: string;

  private constructor(
    service: TestService,
    userIds: readonly string[],
    others: readonly Subject[],
    fixed: ReadonlyMap<Credential, string>,
    minted: Minted[],
  ) {
    this.service = service;
    this.workspaceId = service.owner.workspaceId;
    this.userIds = userIds;
    this.others = others;
    this.#fixed = fixed;
    this.#minted = minted;
    this.#sessionIds = others.map(({ sessionId }) => sessionId);
    this.#signInToken = others.at(-1)?.signInToken ?? '';
  }

  static async in(service: TestService): Promise<World> {
    const { owner } = service;
    const mint = async (fields: Record<string, unknown> = {}): Promise<Minted> => {
      const { apiKey, key } = await service.createKey(fields);
      return { id: apiKey.id, secret: key };
    };
    const change = (id: string, method: string, body?: object) =>
      service.call(method, `${KEYS}/${id}`, { as: owner.secret, body });
    const expired = await mint({ expiresAt: new Date(service.clock.now() + 1).toISOString() });
    service.clock.advance(1);
    const [disabled, revoked] = [await mint(), await mint()];
    await change(disabled.id, 'PATCH', { isActive: false });
    await change(revoked.id, 'DELETE');
    const fixed = new Map<Credential, string>([
      ['owner', owner.secret],
      ['reader', (await mint({ permissions: ['api-keys:read'] })).secret],
      [
        'writer',
        (await mint({ permissions: ['api-keys:read', 'api-keys:write', 'api-keys:delete'] })).secret,
      ],
      ['powerless', (await mint({ permissions: [] })).secret],
      ['limited', (await mint({ rateLimit: { requestsPerMinute: 3, requestsPerDay: 50 } })).secret],
      ['foreign', (await service.addWorkspace()).secret],
      ['expired', expired.secret],
      ['disabled', disabled.secret],
      ['revoked', revoked.secret],
      ['misspelt', `${owner.secret.slice(0, -1)}${owner.secret.endsWith('a') ? 'b' : 'a'}`],
      ['garbage', 'not-a-key'],
    ]);
    const minted = [expired, disabled, revoked];
    while (minted.length < REMEMBERED_MIN) minted.push(await mint());
    const others: Subject[] = [];
    while (others.length < OTHERS) others.push(await makeSubject(service));
    return new World(service, [owner.userId, await service.addMember()], others, fixed, minted);
  }

  /** The bearer token, or null for no credential at all. */
  token(credential: Credential, random: FuzzRandom): string | null {
    if (credential === 'none') return null;
    if (credential === 'unknown') return generateKeyText('lk', 'live');
    if (credential === 'minted') return this.secret(random);
    return this.#fixed.get(credential) ?? null;
  }

  /** The id of a key of the workspace, never of one that the credentials above depend on. */
  keyId(random: FuzzRandom): string {
    return random.pickAny(this.#minted)?.id ?? '';
  }

  /** The id of a session of the owner; it may be over. */
  sessionId(random: FuzzRandom): string {
    return random.pickAny(this.#sessionIds) ?? '';
  }

  /** The token of the newest sign-in link; it may have been used. */
  get signInToken(): string {
    return this.#signInToken;
  }

  secret(random: FuzzRandom): string {
    const fixed = [...this.#fixed.values()].filter((token) => token !== this.service.owner.secret);
    return random.pick([...this.#minted.map(({ secret }) => secret), ...fixed]);
  }

  async forgetLog(): Promise<void> {
    const { storage, clock } = this.service;
    await storage.audit.trim(this.workspaceId, clock.now() + 1);
  }

  /** The last request that made a secret, for one that repeats it. */
  get lastMint(): Draft | null {
    return this.#lastMint;
  }

  /** Adds the objects that an answer created, and removes the keys that it ended. */
  learn(draft: Draft, body: unknown): void {
    const result = (body as { data?: { result?: Result } } | null)?.data?.result;
    if (typeof result?.key === 'string' && result.apiKey) {
      const minted = { id: result.apiKey.id, secret: result.key };
      this.#minted = [...this.#minted.filter(({ id }) => id !== minted.id), minted].slice(-REMEMBERED_MAX);
      this.#lastMint = draft;
    }
    if (result?.signInLink) this.#signInToken = new URL(result.signInLink.url).hash.slice(1);
    if (result?.session) this.#sessionIds = [...this.#sessionIds, result.session.id].slice(-REMEMBERED_MAX);
    const gone = new Set(result?.deleted ?? (result?.effectiveBy ? [result.apiKey?.id] : []));
    const left = this.#minted.filter(({ id }) => !gone.has(id));
    if (left.length >= REMEMBERED_MIN) this.#minted = left;
  }
}

/** The fields of results that this module reads. */
interface Result {
  readonly apiKey?: { readonly id: string };
  readonly key?: string;
  readonly deleted?: readonly string[];
  readonly signInLink?: { readonly url: string };
  readonly session?: { readonly id: string };
  readonly effectiveBy?: string;
}
