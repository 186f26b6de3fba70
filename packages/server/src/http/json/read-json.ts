import type { IncomingMessage } from 'node:http';
import { bodyLimitOf, type Endpoint } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import type { InvalidBodies } from '../load/invalid-bodies.ts';
import { classOf, NO_CALLER_CLASS } from '../load/scheduling-class.ts';
import { unitsOfBody, type WorkTurns } from '../load/work-turns.ts';
import { hasBody, type ReadBody } from './read-body.ts';
import { parseStrictJson } from './strict-json.ts';

/** Accepted content types: only the parameter `charset`; parameters may be empty (RFC 9110, section 5.6.6). */
const JSON_IN_UTF8 = /^application\/json\s*(?:;\s*)*(?:;\s*charset="?utf-8"?\s*(?:;\s*)*)?$/i;

/** A request whose body was not read yet, and how it is read. */
export interface UnreadBody {
  readonly exchange: { readonly request: IncomingMessage };
  /** Reads the body of a request that has one. Only called for a body that is within the limit of the endpoint. */
  readBody(className: string): Promise<ReadBody>;
}

export interface JsonNeeds {
  readonly invalidBodies: InvalidBodies;
  readonly turns: WorkTurns;
}

/** The parsed body of a request; undefined for a request without a body, and for an empty one. Throws the error to answer with. */
export async function readJson(
  endpoint: Endpoint,
  { exchange, readBody }: UnreadBody,
  caller: Caller | null,
  { invalidBodies, turns }: JsonNeeds,
): Promise<unknown> {
  const { request } = exchange;
  if (!hasBody(request)) return undefined;
  const { headers } = request;
  const limit = bodyLimitOf(endpoint);
  if (!JSON_IN_UTF8.test(headers['content-type'] ?? '') || headers['content-encoding'] !== undefined)
    throw new AppError('MEDIA_TYPE_UNSUPPORTED');
  if (Number(headers['content-length']) > limit) throw new AppError('BODY_TOO_LARGE');
  const { bytes } = await readBody(caller?.workspaceId ?? NO_CALLER_CLASS);
  if (bytes.length > limit) throw new AppError('BODY_TOO_LARGE');
  if (bytes.length === 0) return undefined;
  const className = caller ? classOf(caller) : NO_CALLER_CLASS;
  const units = unitsOfBody(bytes.length, endpoint.bodyValuesMax);
  const parsing = turns.take(className, units);
  if (parsing) await parsing;
  // Not earlier: bodies that arrived together are counted one after the other.
  if (caller) invalidBodies.requireCredit(caller);
  const json = parseStrictJson(bytes, endpoint.bodyValuesMax);
  const validating = turns.take(className, units / 2);
  if (validating) await validating;
  return json;
}
