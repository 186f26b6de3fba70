import { API_BASE, type ApiKeyBody } from '@latchkey/contract';
import type { Answer, TestService } from '../../harness/test-service.ts';
import {
  type Actions,
  type Actor,
  type MintedKey,
  type PlayedKey,
  type PlayedRole,
  requestOf,
  type UpdateWish,
} from './actions.ts';
import type { Wish } from './oracle.ts';
import { VerbActions } from './verb-actions.ts';

/** Calls over HTTP for keys, which have a secret. Persons have none, so their actions call the verbs directly. */
export class HttpActions implements Actions {
  readonly #service: TestService;
  readonly #verbs: VerbActions;
  /** How many calls went over HTTP. */
  calls = 0;

  constructor(service: TestService) {
    this.#service = service;
    this.#verbs = new VerbActions(service);
  }

  async createKey(by: Actor, userId: string, wish: Wish): Promise<MintedKey | null> {
    if (by.secret === null) return this.#verbs.createKey(by, userId, wish);
    return played(await this.#call(by, 'POST', '/api-keys', { ...requestOf(wish), name: 'k', userId }));
  }

  async rotateKey(by: Actor, keyId: string): Promise<MintedKey | null> {
    if (by.secret === null) return this.#verbs.rotateKey(by, keyId);
    return played(await this.#call(by, 'POST', `/api-keys/${keyId}/rotate`, { overlapSeconds: 0 }));
  }

  async updateKey(by: Actor, keyId: string, wish: UpdateWish): Promise<PlayedKey | null> {
    if (by.secret === null) return this.#verbs.updateKey(by, keyId, wish);
    const body = { ...requestOf(wish), ...(wish.isOn !== undefined && { isActive: wish.isOn }) };
    const result = await this.#call(by, 'PATCH', `/api-keys/${keyId}`, body);
    return result && playedKey(result.apiKey);
  }

  async createRole(by: Actor, name: string, permissions: readonly string[]): Promise<PlayedRole | null> {
    if (by.secret === null) return this.#verbs.createRole(by, name, permissions);
    const result = await this.#call(by, 'POST', this.#path('roles'), { name, permissions });
    return result && { id: result.role.id, holds: result.role.permissions };
  }

  async editRole(by: Actor, roleId: string, permissions: readonly string[]): Promise<PlayedRole | null> {
    if (by.secret === null) return this.#verbs.editRole(by, roleId, permissions);
    const result = await this.#call(by, 'PUT', this.#path(`roles/${roleId}`), { permissions });
    return result && { id: roleId, holds: result.role.permissions };
  }

  async assignRole(by: Actor, userId: string, roleId: string): Promise<string | null> {
    if (by.secret === null) return this.#verbs.assignRole(by, userId, roleId);
    const result = await this.#call(by, 'PUT', this.#path(`members/${userId}`), { roleId });
    return result?.member.roleId ?? null;
  }

  async invite(by: Actor, email: string, roleId: string): Promise<string | null> {
    if (by.secret === null) return this.#verbs.invite(by, email, roleId);
    const result = await this.#call(by, 'POST', '/workspaces/invitations', { email, roleId });
    return result?.invitation.token ?? null;
  }

  async accept(token: string): Promise<string | null> {
    const result = await this.#call(null, 'POST', '/workspaces/invitations/accept', { token });
    return result?.member.userId ?? null;
  }

  #path(rest: string): string {
    return `/workspaces/${this.#service.owner.workspaceId}/${rest}`;
  }

  async #call(by: Actor | null, method: string, path: string, body: object): Promise<Answer['body'] | null> {
    this.calls += 1;
    const as = by?.secret ?? null;
    const answer = await this.#service.call(method, API_BASE + path, { ...(as !== null && { as }), body });
    if (answer.status >= 500) throw new Error(`${method} ${path} → ${answer.status}`);
    return answer.status < 300 ? answer.body.data.result : null;
  }
}

function played(result: Answer['body'] | null): MintedKey | null {
  return result && { key: playedKey(result.apiKey), secret: result.key };
}

function playedKey({ id, creator, permissions, expiresAt, rateLimit, isActive }: ApiKeyBody): PlayedKey {
  const { requestsPerMinute: perMinute, requestsPerDay: perDay } = rateLimit;
  const end = expiresAt === null ? null : Date.parse(expiresAt);
  return { id, ownerId: creator.id, permissions, end, perMinute, perDay, isOn: isActive };
}
