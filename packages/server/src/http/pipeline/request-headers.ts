import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from '@latchkey/contract';
import { AppError, invalid } from '../../domain/shared/app-error.ts';
import type { Idempotency } from '../../domain/shared/idempotent.ts';
import { canonicalJson } from '../../domain/shared/text/canonical-json.ts';

// A structured-field string, or the bare characters, which many clients send.
const IDEMPOTENCY_VALUE = /^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;
// RFC 9110, sections 8.8.3 and 5.6.1: an entity tag, or nothing, with what ends it in a list.
const TAG_ELEMENT = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/gy;
const VERSION = /^\d{1,15}$/;

/** The Idempotency-Key of a call, with the fields that distinguish calls; undefined if there is no such header. */
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
    .update(canonicalJson([params, body]))
    .digest('base64url');
  return { value, operation: endpoint.id, fingerprint };
}

/** The header that marks an answer as the repeated result of an earlier call. */
export function replayHeader({ isReplay }: { readonly isReplay: boolean }): Record<string, string> {
  return isReplay ? { 'Idempotency-Replayed': 'true' } : {};
}

/**
 * The versions that an If-Match header names (RFC 9110, section 13.1.1); undefined if there is no such header, or it is `*`.
 * Throws VERSION_MISMATCH if it is not a list of entity tags, or has none of this API. Weak tags never match.
 */
export function readExpectedVersions(headers: IncomingHttpHeaders): readonly number[] | undefined {
  const header = headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const elements = [...header.matchAll(TAG_ELEMENT)];
  const isList = elements.reduce((length, [text]) => length + text.length, 0) === header.length;
  const versions = elements.flatMap(([, weak, tag = '']) =>
    weak === undefined && VERSION.test(tag) ? [Number(tag)] : [],
  );
  if (!isList || versions.length === 0)
    throw new AppError('VERSION_MISMATCH', { message: 'If-Match must be `*`, or have an ETag of this API' });
  return versions;
}

export function entityTag(version: number): string {
  return `"${version}"`;
}
