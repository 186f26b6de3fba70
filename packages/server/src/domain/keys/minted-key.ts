import type { Credential } from '../shared/descent.ts';
import type { Key } from './key.ts';

/** A key together with its secret, as create and rotate return it. */
export interface MintedKey {
  readonly key: Key;
  /** Null where the answer repeats an earlier one whose secret can no longer be shown. */
  readonly secret: string | null;
  /** Is this an earlier answer, repeated for the same Idempotency-Key? */
  readonly isReplay: boolean;
  /** Did the ceiling give the key fewer permissions than its owner holds, although the request named none? */
  readonly isNarrowed: boolean;
  /** What ended together with the secret that a rotation replaced. */
  readonly ended: readonly Credential[];
}
