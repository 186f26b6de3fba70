import { credentialDenial, type DecisionRecord, type DenialCode } from '@latchkey/contract';

/** The state of a key's workspace and owner, which can end or narrow the key although the key itself has not changed. */
export type CredentialStatus = DecisionRecord['status'];

/** What can end a credential by itself. Instants are milliseconds since 1970; null: never. */
export interface Lifetime {
  readonly revokedAt: number | null;
  readonly isActive: boolean;
  /** Valid while `now < expiresAt`, to the millisecond. */
  readonly expiresAt: number | null;
  /** When its secret ends, if a rotation has replaced it. */
  readonly retiresAt: number | null;
}

const ACTIVE = { workspace: 'active', owner: 'active' } as const;

/** Has the credential itself ended, regardless of its workspace and owner? */
export function hasEnded(lifetime: Lifetime, now: number): boolean {
  return denialOfCredential(lifetime, ACTIVE, now) !== null;
}

/** The first reason to deny a credential, in the order of the verification steps; null if it is valid. */
export function denialOfCredential(
  { retiresAt, ...key }: Lifetime,
  status: Pick<CredentialStatus, 'workspace' | 'owner'>,
  now: number,
): DenialCode | null {
  return credentialDenial({ key, secretRetiresAt: retiresAt, status }, now);
}
