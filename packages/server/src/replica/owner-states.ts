import type { KeyRecord } from '../domain/keys/key-store.ts';
import type { CredentialStatus } from '../domain/tenancy/credential-status.ts';
import type { Person } from '../domain/tenancy/member.ts';
import { InternTable } from './intern-table.ts';

/** The facts that all keys of one owner in one workspace share. */
export interface OwnerState {
  readonly workspaceId: string;
  readonly owner: Person;
  readonly status: CredentialStatus;
  /** False once it may have changed; the next look-up of one of the keys renews it for all of them. */
  isCurrent: boolean;
}

/** The state of each owner of a cached key, stored once, under a number. */
export class OwnerStates {
  readonly #states = new InternTable<OwnerState>();

  /** Returns the number of the owner, whose state is now that of this record. Release each taken number once. */
  take({ key: { workspaceId, owner }, status }: KeyRecord): number {
    return this.#states.take(nameOf(workspaceId, owner.id), { workspaceId, owner, status, isCurrent: true });
  }

  /** Throws when the number is not taken. */
  get(number: number): OwnerState {
    return this.#states.get(number);
  }

  release(number: number): void {
    this.#states.release(number);
  }

  invalidateMember(workspaceId: string, userId: string): void {
    const state = this.#states.find(nameOf(workspaceId, userId));
    if (state) state.isCurrent = false;
  }

  invalidateWorkspace(workspaceId: string): void {
    for (const state of this.#states.values()) if (state.workspaceId === workspaceId) state.isCurrent = false;
  }
}

function nameOf(workspaceId: string, userId: string): string {
  return `${workspaceId} ${userId}`;
}
