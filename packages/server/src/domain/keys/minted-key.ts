import type { Credential } from '../shared/descent.ts';
import type { Key } from './key.ts';

/** A key together with its secret, as create and rotate answer it. */
export interface MintedKey {
  readonly key: Key;
  /** Null where the answer repeats an earlier one whose secret can no longer be shown. */
  readonly secret: string | null;
  /** Is this an earlier answer, repeated for the same Idempotency-Key? */
  readonly isReplay: boolean;
  /** Did the ceiling leave the key with less than all its owner holds, although nothing was asked for? */
  readonly isNarrowed: boolean;
  /** What has ended with the secret that a rotation replaced. */
  readonly ended: readonly Credential[];
}
