import { WORKSPACE_HEADER } from '@latchkey/contract';
import type { IdentityService } from '../../harness/identity-service.ts';
import type { Random } from '../../harness/random.ts';
import type { Answer, TestService } from '../../harness/test-service.ts';
import { type Access, Oracle } from './oracle.ts';

const WORKSPACES = 3;
const PEOPLE = 2;

type Owner = TestService['owner'];

interface Person {
  readonly email: string;
  readonly token: string;
}

/** The findings of a history. */
export interface Findings {
  acts: number;
  /** The number of answers that were compared with the oracle. */
  asked: number;
  /** Changes of what a person may do in a workspace that were caused by an action in another workspace. */
  crossings: string[];
  /** Any other difference from the oracle. */
  wrong: string[];
}

/** Three workspaces, two people with accounts at an identity provider, and actions of owners and people in random order. */
export class WallHistory {
  readonly #service: IdentityService;
  readonly #random: Random;
  readonly #number: number;
  readonly #oracle = new Oracle();
  readonly #owners: Owner[] = [];
  readonly #people: Person[] = [];
  readonly #ids = new Map<string, string>();
  readonly findings: Findings = { acts: 0, asked: 0, crossings: [], wrong: [] };

  constructor(service: IdentityService, random: Random, number: number) {
    this.#service = service;
    this.#random = random;
    this.#number = number;
  }

  async run(acts: number): Promise<Findings> {
    for (let index = 0; index < WORKSPACES; index++) this.#owners.push(await this.#service.addWorkspace());
    for (let index = 0; index < PEOPLE; index++) this.#people.push(await this.#addPerson(index));
    let before = await this.#accesses();
    for (let act = 0; act < acts; act++) {
      this.#service.clock.advance(1);
      const workspace = this.#random.below(WORKSPACES);
      const name = await this.#act(workspace, this.#random.pick(this.#people));
      const after = await this.#accesses();
      this.#compare(`${this.#number}/${act} ${name} in ${workspace}`, workspace, before, after);
      before = after;
    }
    return this.findings;
  }

  async #addPerson(index: number): Promise<Person> {
    const subject = `person-${this.#number}-${index}`;
    const email = `${subject}@example.com`;
    const claims = { email, email_verified: true };
    return { email, token: await this.#service.idp.forge(subject, { claims }) };
  }

  /** One action of the workspace's owner, or of the person in this workspace. */
  async #act(workspace: number, person: Person): Promise<string> {
    this.findings.acts++;
    const acts: Record<string, () => Promise<void>> = {
      'accept by the inviter': () => this.#accept(workspace, person, null),
      'accept while signed in': () => this.#accept(workspace, person, person.token),
      suspend: () => this.#setStatus(workspace, person, 'suspended'),
      reactivate: () => this.#setStatus(workspace, person, 'active'),
      remove: () => this.#remove(workspace, person),
      join: () => this.#settle(workspace, person, 'join'),
      decline: () => this.#settle(workspace, person, 'decline'),
      'set default': () => this.#setDefault(workspace, person),
      leave: () => this.#leave(workspace, person),
    };
    const name = this.#random.pick(Object.keys(acts));
    await acts[name]?.();
    return name;
  }

  async #accept(workspace: number, { email }: Person, token: string | null): Promise<void> {
    const invited = await this.#invite(workspace, email);
    const isMember = this.#oracle.isMember(workspace, email);
    this.#expect('invite', invited, isMember ? 409 : 201);
    if (invited.status !== 201) return;
    const body = { token: invited.body.data.result.invitation.token };
    const as = token === null ? {} : { as: token };
    const accepted = await this.#call('POST', '/workspaces/invitations/accept', { ...as, body });
    this.#expect('accept', accepted, 201);
    this.#ids.set(`${workspace} ${email}`, accepted.body.data.result?.member.userId);
    if (token === null) this.#oracle.joinLocally(workspace, email);
    else this.#oracle.claim(workspace, email);
  }

  async #invite(workspace: number, email: string): Promise<Answer> {
    const { workspaceId, secret: as } = this.#ownerOf(workspace);
    const role = await this.#service.storage.roles.findByName(workspaceId, 'Viewer');
    const body = { email, roleId: role?.id, skipEmail: true };
    return this.#call('POST', '/workspaces/invitations', { as, body });
  }

  async #setStatus(workspace: number, person: Person, status: 'active' | 'suspended'): Promise<void> {
    const { secret: as } = this.#ownerOf(workspace);
    const answer = await this.#call('PUT', this.#memberPath(workspace, person), { as, body: { status } });
    this.#expect(status, answer, this.#oracle.isMember(workspace, person.email) ? 200 : 404);
    this.#oracle.setStatus(workspace, person.email, status);
  }

  async #remove(workspace: number, person: Person): Promise<void> {
    const { secret: as } = this.#ownerOf(workspace);
    const answer = await this.#call('DELETE', this.#memberPath(workspace, person), { as });
    this.#expect('remove', answer, this.#oracle.isMember(workspace, person.email) ? 200 : 404);
    this.#oracle.end(workspace, person.email);
  }

  async #settle(workspace: number, person: Person, how: 'join' | 'decline'): Promise<void> {
    const { email, token: as } = person;
    const answer = await this.#call('POST', `/account/offers/${this.#idOf(workspace, email)}/${how}`, { as });
    const isOffered = this.#oracle.isOffered(workspace, email);
    this.#expect(how, answer, isOffered ? 200 : 404);
    if (!isOffered) return;
    if (how === 'join') this.#oracle.claim(workspace, email);
    else this.#oracle.decline(workspace, email);
  }

  async #setDefault(workspace: number, { email, token: as }: Person): Promise<void> {
    const { workspaceId } = this.#ownerOf(workspace);
    const answer = await this.#call('PUT', '/account/default', { as, body: { workspaceId } });
    const isOwn = this.#oracle.isClaimed(workspace, email);
    this.#expect('default', answer, isOwn ? 200 : 404);
    if (isOwn) this.#oracle.setDefault(workspace, email);
  }

  async #leave(workspace: number, { email, token: as }: Person): Promise<void> {
    const { workspaceId } = this.#ownerOf(workspace);
    const answer = await this.#call('DELETE', `/workspaces/${workspaceId}/members/me`, { as });
    const isOwn = this.#oracle.isClaimed(workspace, email);
    this.#expect('leave', answer, isOwn ? 200 : 404);
    if (isOwn) this.#oracle.end(workspace, email);
  }

  /** What the product lets each token do in each workspace, and without naming one. */
  async #accesses(): Promise<Map<string, Access>> {
    const found = new Map<string, Access>();
    for (const { email, token } of this.#people) {
      for (const named of [null, ...this.#owners.keys()]) {
        const headers = named === null ? {} : { [WORKSPACE_HEADER]: this.#ownerOf(named).workspaceId };
        const { status, body } = await this.#call('GET', '/me', { as: token, headers });
        const workspaceId = status === 200 ? body.data.result.caller.workspaceId : null;
        const index = this.#owners.findIndex((owner) => owner.workspaceId === workspaceId);
        found.set(`${email} ${named}`, index < 0 ? null : index);
      }
    }
    return found;
  }

  #compare(act: string, workspace: number, before: Map<string, Access>, after: Map<string, Access>): void {
    for (const { email } of this.#people) {
      for (const named of [null, ...this.#owners.keys()]) {
        const question = `${email} ${named}`;
        const is = after.get(question);
        this.findings.asked++;
        if (is !== this.#oracle.access(email, named))
          this.findings.wrong.push(`${act}: ${question} is ${is}`);
        if (named !== null && named !== workspace && is !== before.get(question))
          this.findings.crossings.push(`${act}: ${question} was ${before.get(question)} and is ${is}`);
      }
    }
  }

  #expect(what: string, { status, body }: Answer, wanted: number): void {
    if (status !== wanted)
      this.findings.wrong.push(`${what}: ${status} ${JSON.stringify(body)}, not ${wanted}`);
  }

  #memberPath(workspace: number, { email }: Person): string {
    return `/workspaces/${this.#ownerOf(workspace).workspaceId}/members/${this.#idOf(workspace, email)}`;
  }

  #idOf(workspace: number, email: string): string {
    return this.#ids.get(`${workspace} ${email}`) ?? 'usr_unknown';
  }

  #ownerOf(workspace: number): Owner {
    const owner = this.#owners[workspace];
    if (!owner) throw new Error(`There is no workspace ${workspace}`);
    return owner;
  }

  #call(method: string, path: string, options: Parameters<TestService['call']>[2]): Promise<Answer> {
    return this.#service.call(method, `/api/v2${path}`, options);
  }
}
