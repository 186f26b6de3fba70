import type { Issuer } from '../../domain/shared/caller.ts';
import type { SealedField } from '../../domain/shared/keyring.ts';

interface IssuerColumns {
  readonly issuer_id: string | null;
  readonly key_id: string | null;
  readonly secret_digest: string | null;
}

export function toIssuerColumns(issuer: Issuer | null): IssuerColumns {
  return {
    issuer_id: issuer?.userId ?? null,
    key_id: issuer?.keyId ?? null,
    secret_digest: issuer?.secretDigest ?? null,
  };
}

/** Older rows have no issuer, only a key, which was the user's own. */
export function fromIssuerColumns(row: IssuerColumns & { readonly user_id: string }): Issuer | null {
  const { issuer_id, key_id: keyId, secret_digest: secretDigest } = row;
  if (issuer_id === null && keyId === null) return null;
  return { userId: issuer_id ?? row.user_id, keyId, secretDigest };
}

/** The issuer fields that a seal covers, besides the key. Empty for older rows, so that their seals stay valid. */
export function sealedIssuer({ issuer_id, secret_digest }: IssuerColumns): SealedField[] {
  return issuer_id === null && secret_digest === null ? [] : [issuer_id, secret_digest];
}
