import type { OracleCaller, OracleKey, Wish } from './oracle.ts';

/** The caller of an action, as the run knows it: a person, or a key with its secret. */
export interface Actor extends OracleCaller {
  readonly keyId: string | null;
  readonly secret: string | null;
}

export interface PlayedKey extends OracleKey {
  readonly id: string;
}

export interface MintedKey {
  readonly key: PlayedKey;
  readonly secret: string;
}

export interface PlayedRole {
  readonly id: string;
  readonly holds: readonly string[];
}

/** The actions of a run, each one call of the product. Null when the call is denied; rejects on a fault of the product. */
export interface Actions {
  createKey(by: Actor, ownerId: string, wish: Wish): Promise<MintedKey | null>;
  rotateKey(by: Actor, keyId: string): Promise<MintedKey | null>;
  updateKey(by: Actor, keyId: string, wish: UpdateWish): Promise<PlayedKey | null>;
  createRole(by: Actor, name: string, permissions: readonly string[]): Promise<PlayedRole | null>;
  editRole(by: Actor, roleId: string, permissions: readonly string[]): Promise<PlayedRole | null>;
  /** The id of the role that the member then has. */
  assignRole(by: Actor, userId: string, roleId: string): Promise<string | null>;
  /** The token. */
  invite(by: Actor, email: string, roleId: string): Promise<string | null>;
  /** The id of the new member. */
  accept(token: string): Promise<string | null>;
}

export type UpdateWish = Omit<Wish, 'permissions'> & { readonly isOn?: boolean };

/** A wish as requests write it. */
export function requestOf({ permissions, end, limits }: Wish) {
  return {
    ...(permissions !== undefined && { permissions }),
    ...(end !== undefined && { expiresAt: end === null ? null : new Date(end).toISOString() }),
    ...(limits !== undefined && {
      rateLimit: limits && {
        ...('perMinute' in limits && { requestsPerMinute: limits.perMinute }),
        ...('perDay' in limits && { requestsPerDay: limits.perDay }),
      },
    }),
  };
}
