import type { IncomingMessage } from 'node:http';
import { FORWARD_AUTH_PATH, VERIFIER_HEADER } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { bearerTokenOf } from '../auth/credentials.ts';
import { headerMeanings } from '../pipeline/fast-request.ts';

/** The request that a gateway asks about, as its client sent it to the gateway. */
export interface ClientRequest {
  readonly method: string;
  /** The request target: a path, and a query if there is one. */
  readonly target: string;
}

type Field = 'verifier' | 'authorization' | 'apiKey' | 'method' | 'target';
type Fields = Partial<Record<Field, string>>;

/** The fields that are read. Gateways send the client's request in `X-Forwarded-*` or in `X-Original-*`. */
const meaningOf = headerMeanings(
  new Map<string, Field>([
    [VERIFIER_HEADER.toLowerCase(), 'verifier'],
    ['authorization', 'authorization'],
    ['x-api-key', 'apiKey'],
    ['x-forwarded-method', 'method'],
    ['x-original-method', 'method'],
    ['x-forwarded-uri', 'target'],
    ['x-original-uri', 'target'],
  ]),
);

const BEARER = /^bearer(?: |$)/i;
const WITH_SUFFIX = `${FORWARD_AUTH_PATH}/`;

/** A request for forward auth. The body is never read, and all other header fields are ignored. */
export class GatewayRequest {
  readonly #fields: Fields;
  readonly #request: IncomingMessage;

  /** Throws REQUEST_MALFORMED if a field that is read has two values: a gateway may have passed on a forged one. */
  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#fields = readFields(request);
  }

  /** The gateway's own key. Throws CREDENTIALS_MISSING. */
  get verifierKey(): string {
    const { verifier } = this.#fields;
    if (verifier) return verifier;
    throw new AppError('CREDENTIALS_MISSING', {
      message: `The gateway must send its own key, made with use "verify", in ${VERIFIER_HEADER}`,
    });
  }

  /**
   * The key that the client presented, as `Authorization: Bearer` or as `X-API-Key`. Throws CREDENTIALS_MISSING, and
   * CREDENTIALS_MALFORMED if the client sent both.
   */
  get presentedKey(): string {
    const { authorization, apiKey } = this.#fields;
    if (authorization !== undefined && BEARER.test(authorization)) {
      if (apiKey === undefined) return bearerTokenOf(authorization);
      throw new AppError('CREDENTIALS_MALFORMED', {
        message: 'Send the key in the Authorization or in the X-API-Key header, not in both',
      });
    }
    if (apiKey) return apiKey;
    throw new AppError('CREDENTIALS_MISSING', {
      message: 'Send a key: Authorization: Bearer <key>, or X-API-Key: <key>',
    });
  }

  /**
   * Throws REQUEST_MALFORMED if the gateway asks with the query of its client, who could then say what a key needs. Some
   * gateways do so unless their configuration ends the path with a question mark.
   */
  requireOwnQuery(): void {
    const query = queryOf(this.#request.url ?? '');
    if (query === '' || query !== queryOf(this.#fields.target ?? '')) return;
    throw new AppError('REQUEST_MALFORMED', {
      message:
        'The gateway must not send the query of its client: end the path of forward auth with a question mark',
    });
  }

  /** The client's request, from the suffix of the path or from the header fields; null if the gateway did not send both parts. */
  get clientRequest(): ClientRequest | null {
    const { method, target } = this.#fields;
    const { url = '', method: ownMethod = '' } = this.#request;
    if (!url.startsWith(WITH_SUFFIX)) return method && target ? { method, target } : null;
    const suffix = url.slice(FORWARD_AUTH_PATH.length);
    const isForged = (target ?? suffix) !== suffix || (method ?? ownMethod) !== ownMethod;
    return isForged ? null : { method: ownMethod, target: suffix };
  }
}

function queryOf(target: string): string {
  const at = target.indexOf('?');
  return at === -1 ? '' : target.slice(at + 1);
}

function readFields({ rawHeaders }: IncomingMessage): Fields {
  const fields: Fields = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const field = meaningOf(name);
    if (field === null) continue;
    const value = rawHeaders[at + 1] ?? '';
    const isOfGateway = field === 'method' || field === 'target';
    if (fields[field] !== undefined && !(isOfGateway && fields[field] === value))
      throw new AppError('REQUEST_MALFORMED', {
        message: `${name} has two values; the gateway must set this header, and remove that of its client`,
      });
    fields[field] = value;
  }
  return fields;
}
