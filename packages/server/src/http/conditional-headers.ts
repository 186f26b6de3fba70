import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from '@latchkey/contract';
import type { Idempotency } from '../domain/keys/mint-once.ts';
import { AppError, invalid } from '../domain/shared/app-error.ts';
import { canonical } from '../domain/shared/canonical.ts';

// A structured-field string or the bare characters: what clients of this header send in practice.
const IDEMPOTENCY_VALUE = /^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;
const ENTITY_TAG = /^"(\d{1,15})"$/;

/** The Idempotency-Key of a call, with what tells one call from another; undefined where there is none. */
export function readIdempotency(
  headers: IncomingHttpHeaders,
  endpoint: Endpoint,
  params: unknown,
  body: unknown,
): Idempotency | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined || !endpoint.idempotent) return undefined;
  const match = IDEMPOTENCY_VALUE.exec(String(header));
  const value = match?.[1] ?? match?.[2];
  if (value === undefined) throw invalid('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
  const fingerprint = createHash('sha256')
    .update(canonical([params, body]))
    .digest('base64url');
  return { value, operation: endpoint.id, fingerprint };
}

/** The version that an If-Match header names; undefined where it names none, or any. */
export function readExpectedVersion(headers: IncomingHttpHeaders): number | undefined {
  const header = headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const version = ENTITY_TAG.exec(header)?.[1];
  if (version === undefined)
    throw new AppError('VERSION_MISMATCH', { message: 'If-Match must be an ETag of this API' });
  return Number(version);
}

export function entityTag(version: number): string {
  return `"${version}"`;
}
