import { SESSION_COOKIE } from '@latchkey/contract';
import { openSession } from '../../../src/domain/sessions/open-session.ts';
import { NO_CLIENT } from '../../../src/domain/shared/caller.ts';
import { inject } from '../../harness/inject.ts';
import type { Random } from '../../harness/random.ts';
import { PUBLIC_URL, type TestService } from '../../harness/test-service.ts';
import { type Node, Oracle } from './oracle.ts';

const BASE = '/api/v2';
const DEPTH_MAX = 6;

// biome-ignore lint/suspicious/noExplicitAny: answers are read by name, and a wrong name fails the proof
type Result = any;

/** A separate workspace in which credentials create credentials, with the oracle that records the same changes. */
export class History {
  readonly oracle = new Oracle();
  readonly #service: TestService;
  readonly #random: Random;
  #workspaceId = '';
  #owner: Node;
  /** The owner as a person, who derives from no credential. */
  #inPerson: Node;
  #roles: Readonly<Record<string, string>> = {};
  #addresses = 0;

  private constructor(service: TestService, random: Random) {
    this.#service = service;
    this.#random = random;
    this.#owner = this.oracle.add('member', '', '', []);
    this.#inPerson = this.#owner;
  }

  static async begin(service: TestService, random: Random): Promise<History> {
    const history = new History(service, random);
    await history.#found();
    return history;
  }

  /** One random call with a random credential. A denied call is not added to the history. */
  async act(): Promise<void> {
    const actors = [...this.oracle.living('secret'), ...this.oracle.living('session')];
    const by = this.#random.pick(actors.filter(({ depth }) => depth < DEPTH_MAX));
    const acts = [
      () => this.#makeKey(by),
      () => this.#makeKey(by),
      () => this.#makeLink(by),
      () => this.#makeLink(by),
      () => this.#openLink(),
      () => this.#openLink(),
      () => this.#invite(by),
      () => this.#accept(),
      () => this.#accept(),
      () => this.#rotate(by),
      () => this.#signIn(),
      () => this.#editRole(),
      () => (this.#random.chance(0.2) ? this.#revoke() : this.#makeKey(by)),
    ];
    await this.#random.pick(acts)();
  }

  /** Revokes a random key as COMPROMISED; returns what was named and what should have been. */
  async compromise(): Promise<{ readonly named: string[]; readonly expected: string[] }> {
    const keys = this.oracle.nodes.filter(({ kind, isDead }) => kind === 'api-key' && !isDead);
    const [mostFruitful] = [...keys].sort((one, other) => this.oracle.fruit(other) - this.oracle.fruit(one));
    const key = this.#random.chance(0.6) && mostFruitful ? mostFruitful : this.#random.pick(keys);
    const answer = await this.#call('DELETE', `/api-keys/${key.id}`, this.#inPerson, {
      reason: 'compromised',
      force: true,
    });
    const ended = answer?.ended as { kind: string; id: string }[];
    const named = ended.map(({ kind, id }) => `${kind} ${id}`).sort();
    return { named, expected: this.oracle.compromise(key) };
  }

  /** Uses everything that there is. Links and invitations come last, since using one makes something new. */
  async wrong(): Promise<{ readonly alive: string[]; readonly dead: string[]; readonly checked: number }> {
    const members = await this.#call('GET', `/workspaces/${this.#workspaceId}/members`, this.#inPerson);
    const active = new Set<string>(
      members.members.filter((one: Result) => one.status === 'active').map((one: Result) => one.userId),
    );
    const alive: string[] = [];
    const dead: string[] = [];
    const usable = this.oracle.nodes.filter(({ kind }) => kind !== 'api-key');
    const last = ['sign-in-link', 'invitation'];
    usable.sort((one, other) => Number(last.includes(one.kind)) - Number(last.includes(other.kind)));
    const expected = new Map(usable.map((node) => [node, this.oracle.works(node)]));
    for (const [node, works] of expected) {
      const isAlive = node.kind === 'member' ? active.has(node.id) : await this.#use(node);
      if (isAlive !== works) (isAlive ? alive : dead).push(`${node.kind} ${node.id}`);
    }
    return { alive, dead, checked: usable.length };
  }

  async #found(): Promise<void> {
    const { workspaceId, userId, secret } = await this.#service.addWorkspace();
    this.#workspaceId = workspaceId;
    this.oracle.nodes.length = 0;
    this.#owner = this.oracle.add('member', userId, '', []);
    this.#inPerson = await this.#session(this.#owner);
    const { apiKeys } = await this.#call('GET', '/api-keys', this.#inPerson);
    const key = this.oracle.add('api-key', apiKeys[0].id, '', [], { member: this.#owner });
    this.oracle.add('secret', key.id, secret, [key], { key, member: this.#owner });
    const roles = `/workspaces/${workspaceId}/roles`;
    await this.#call('POST', roles, this.#inPerson, { name: 'Own', permissions: ['calls:read'] });
    const listed = await this.#call('GET', roles, this.#inPerson);
    this.#roles = Object.fromEntries(listed.roles.map(({ name, id }: Result) => [name, id]));
  }

  async #session(member: Node): Promise<Node> {
    const { storage, keyring, clock } = this.#service;
    const entrant = { workspaceId: this.#workspaceId, userId: member.id };
    const opened = await openSession({ unitOfWork: storage, keyring, clock }, entrant, NO_CLIENT);
    return this.oracle.add('session', opened.session.id, opened.token, [member], { member });
  }

  #madeBy(by: Node): Node[] {
    return by.member ? [by, by.member] : [by];
  }

  async #makeKey(by: Node): Promise<void> {
    const owner = this.#random.pick(this.oracle.living('member'));
    const made = await this.#call('POST', '/api-keys', by, { name: 'k', userId: owner.id });
    if (!made) return;
    const key = this.oracle.add('api-key', made.apiKey.id, '', this.#madeBy(by), { member: owner });
    this.oracle.add('secret', key.id, made.key, [key], { key, member: owner });
  }

  async #makeLink(by: Node): Promise<void> {
    const member = this.#random.pick(this.oracle.living('member'));
    const made = await this.#call('POST', '/sign-in-links', by, { userId: member.id });
    if (!made) return;
    for (const link of this.oracle.nodes)
      if (link.kind === 'sign-in-link' && link.member === member) link.isDead = true;
    const token = new URL(made.signInLink.url).hash.slice(1);
    this.oracle.add('sign-in-link', made.signInLink.id, token, this.#madeBy(by), { member });
  }

  async #openLink(): Promise<void> {
    const links = this.oracle.living('sign-in-link');
    if (links.length === 0) return;
    const link = this.#random.pick(links);
    const { result, cookie } = await this.#send('POST', '/sessions', null, { token: link.token });
    if (!result) return;
    link.isDead = true;
    this.oracle.add('session', result.session.id, cookie, [link], { member: link.member });
  }

  async #invite(by: Node): Promise<void> {
    const roleId = this.#roles[this.#random.pick(['Admin', 'Admin', 'Owner', 'Own'])];
    const email = `${this.#workspaceId}.${this.#addresses++}@example.com`;
    const made = await this.#call('POST', '/workspaces/invitations', by, { email, roleId, skipEmail: true });
    if (made) this.oracle.add('invitation', made.invitation.id, made.invitation.token, this.#madeBy(by));
  }

  async #accept(): Promise<void> {
    const invitations = this.oracle.living('invitation');
    if (invitations.length === 0) return;
    const invitation = this.#random.pick(invitations);
    const body = { token: invitation.token };
    const { result, cookie } = await this.#send('POST', '/workspaces/invitations/accept', null, body);
    if (!result) return;
    invitation.isDead = true;
    const member = this.oracle.add('member', result.member.userId, '', [invitation]);
    const sessions = await this.#service.storage.sessions.list(this.#workspaceId, member.id);
    for (const { id } of sessions) this.oracle.add('session', id, cookie, [member], { member });
  }

  async #rotate(by: Node): Promise<void> {
    const key = this.#random.pick(this.oracle.living('api-key'));
    const overlapSeconds = this.#random.chance(0.5) ? 0 : 3_600;
    const made = await this.#call('POST', `/api-keys/${key.id}/rotate`, by, { overlapSeconds });
    if (!made) return;
    const secrets = this.oracle.nodes.filter((node) => node.key === key && !node.isDead);
    const present = secrets.at(-1);
    for (const secret of secrets) if (secret !== present || overlapSeconds === 0) this.oracle.end(secret);
    this.oracle.add('secret', key.id, made.key, this.#madeBy(by), { key, member: key.member });
  }

  /** A member signs in at the identity provider, without a sign-in link. */
  async #signIn(): Promise<void> {
    await this.#session(this.#random.pick(this.oracle.living('member')));
  }

  async #editRole(): Promise<void> {
    const url = `/workspaces/${this.#workspaceId}`;
    if (this.#random.chance(0.5)) {
      const permissions = this.#random.subset(['calls:read', 'calls:write', 'calls:delete'], 0.6);
      await this.#call('PUT', `${url}/roles/${this.#roles.Own}`, this.#inPerson, { permissions });
      return;
    }
    const others = this.oracle.living('member').filter((member) => member !== this.#owner);
    if (others.length === 0) return;
    const roleId = this.#roles.Owner;
    await this.#call('PUT', `${url}/members/${this.#random.pick(others).id}`, this.#inPerson, { roleId });
  }

  /** Never the last ones, so that later steps of the history still have credentials to end. */
  async #revoke(): Promise<void> {
    const keys = this.oracle.living('api-key');
    if (keys.length < 3) return;
    const key = this.#random.pick(keys);
    if (await this.#call('DELETE', `/api-keys/${key.id}`, this.#inPerson)) this.oracle.end(key);
  }

  async #use(node: Node): Promise<boolean> {
    if (node.kind === 'sign-in-link')
      return (await this.#send('POST', '/sessions', null, { token: node.token })).result !== null;
    if (node.kind === 'invitation') {
      const body = { token: node.token };
      return (await this.#send('POST', '/workspaces/invitations/accept', null, body)).result !== null;
    }
    return (await this.#call('GET', '/me', node)) !== null;
  }

  async #call(method: string, path: string, by: Node, body?: object): Promise<Result> {
    return (await this.#send(method, path, by, body)).result;
  }

  /** The result; null when the service denies the call. Any other answer than a success or a denial fails the proof. */
  async #send(
    method: string,
    path: string,
    by: Node | null,
    body?: object,
  ): Promise<{ result: Result; cookie: string }> {
    const response = await inject(this.#service.app, {
      method: method as 'GET',
      url: BASE + path,
      headers: { host: 'test', ...credentialOf(by) },
      ...(body && { payload: body }),
    });
    if (response.statusCode >= 500 || response.statusCode === 400)
      throw new Error(`${method} ${path} → ${response.body}`);
    const answer = JSON.parse(response.body);
    const cookie = new RegExp(`${SESSION_COOKIE}=([^;]+)`).exec(String(response.headers['set-cookie']))?.[1];
    return { result: answer.success ? answer.data.result : null, cookie: cookie ?? '' };
  }
}

function credentialOf(by: Node | null): Record<string, string> {
  if (!by) return {};
  if (by.kind === 'secret') return { authorization: `Bearer ${by.token}` };
  return { cookie: `${SESSION_COOKIE}=${by.token}`, origin: PUBLIC_URL };
}
