import type { Permission } from '@latchkey/contract';
import { createInvitation } from '../../../src/domain/invitations/create-invitation.ts';
import { createKey } from '../../../src/domain/keys/create-key.ts';
import type { Key } from '../../../src/domain/keys/key.ts';
import type { MintedKey as Minted } from '../../../src/domain/keys/mint.ts';
import { rotateKey } from '../../../src/domain/keys/rotate-key.ts';
import { updateKey } from '../../../src/domain/keys/update-key.ts';
import { updateMember } from '../../../src/domain/members/update-member.ts';
import { createRole } from '../../../src/domain/roles/create-role.ts';
import { updateRole } from '../../../src/domain/roles/update-role.ts';
import { acceptInvitation } from '../../../src/domain/sessions/accept-invitation.ts';
import { AppError } from '../../../src/domain/shared/app-error.ts';
import { type Caller, NO_CLIENT } from '../../../src/domain/shared/caller.ts';
import type { TestService } from '../../harness/test-service.ts';
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

/** The verbs of the domain themselves, with a caller as authentication would make it. */
export class VerbActions implements Actions {
  readonly #service: TestService;

  constructor(service: TestService) {
    this.#service = service;
  }

  async createKey(by: Actor, userId: string, wish: Wish): Promise<MintedKey | null> {
    const permissions = wish.permissions as Permission[] | undefined;
    const input = { ...requestOf(wish), name: 'k', userId, permissions };
    const minted = await outcome(() => createKey(this.#needs, this.#callerOf(by), input));
    return minted && played(minted);
  }

  async rotateKey(by: Actor, keyId: string): Promise<MintedKey | null> {
    const input = { keyId, overlapSeconds: 0 };
    const minted = await outcome(() => rotateKey(this.#needs, this.#callerOf(by), input));
    return minted && played(minted);
  }

  async updateKey(by: Actor, keyId: string, wish: UpdateWish): Promise<PlayedKey | null> {
    const changes = { ...requestOf(wish), isActive: wish.isOn };
    const key = await outcome(() => updateKey(this.#needs, this.#callerOf(by), keyId, changes));
    return key && playedKey(key);
  }

  async createRole(by: Actor, name: string, permissions: readonly string[]): Promise<PlayedRole | null> {
    const input = { name, permissions: permissions as Permission[] };
    const role = await outcome(() => createRole(this.#needs, this.#callerOf(by), input));
    return role && { id: role.id, holds: role.permissions };
  }

  async editRole(by: Actor, roleId: string, permissions: readonly string[]): Promise<PlayedRole | null> {
    const changes = { permissions: permissions as Permission[] };
    const edited = await outcome(() => updateRole(this.#needs, this.#callerOf(by), roleId, changes));
    return edited && { id: roleId, holds: edited.role.permissions };
  }

  async assignRole(by: Actor, userId: string, roleId: string): Promise<string | null> {
    const changed = await outcome(() => updateMember(this.#needs, this.#callerOf(by), userId, { roleId }));
    return changed?.member.roleId ?? null;
  }

  async invite(by: Actor, email: string, roleId: string): Promise<string | null> {
    const input = { email, roleId, isMailed: false };
    const created = await outcome(() => createInvitation(this.#needs, this.#callerOf(by), input));
    return created?.token ?? null;
  }

  async accept(token: string): Promise<string | null> {
    const accepted = await outcome(() => acceptInvitation(this.#needs, { token }, null, NO_CLIENT));
    return accepted?.member.id ?? null;
  }

  #callerOf({ keyId, userId, holds, end, perMinute, perDay }: Actor): Caller {
    return {
      kind: keyId === null ? 'session' : 'key',
      workspaceId: this.#service.owner.workspaceId,
      userId,
      keyId,
      permissions: new Set(holds as Permission[]),
      bounds: { expiresAt: end, rateLimit: { requestsPerMinute: perMinute, requestsPerDay: perDay } },
      client: NO_CLIENT,
    };
  }

  get #needs() {
    const { storage, keyring, clock, caps } = this.#service;
    return {
      unitOfWork: storage,
      keyring,
      clock,
      caps,
      mailer: null,
      signInWays: { hasProvider: false, hasMail: false },
      catalogue: storage.catalogue,
    };
  }
}

async function outcome<T>(verb: () => Promise<T>): Promise<T | null> {
  try {
    return await verb();
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

function played({ key, secret }: Minted): MintedKey {
  return { key: playedKey(key), secret: secret ?? '' };
}

function playedKey({ id, owner, permissions, expiresAt, rateLimit, isActive }: Key): PlayedKey {
  const { requestsPerMinute: perMinute, requestsPerDay: perDay } = rateLimit;
  return { id, ownerId: owner.id, permissions, end: expiresAt, perMinute, perDay, isOn: isActive };
}
