import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiKeyBody } from '@latchkey/contract';
import type { Fields } from './protect/denial.ts';
import { keyGuard } from './protect/guard.ts';
import type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

export type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

/** What `requireKey` adds to a request that it lets pass. */
export interface VerifiedRequest {
  /** The verified key. Undefined in a route without `requireKey`, and if `apiKeyUnverified` is true. */
  apiKey?: ApiKeyBody | undefined;
  /** True if the key could not be verified, and `whenUnavailable: 'allow'` let the request pass. */
  apiKeyUnverified?: true | undefined;
}

declare global {
  namespace Express {
    interface Request extends VerifiedRequest {}
  }
}

/** A middleware of Express, and of every other server with its form. */
export type KeyMiddleware = (
  request: IncomingMessage & VerifiedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * A middleware that lets a request pass only with a valid key that has the permissions. `request.apiKey` is then the key.
 * Otherwise it responds with 401, 403, 429 or 503. Throws TypeError for invalid options.
 */
export function requireKey(latchkey: KeyVerifier, options: RequireKeyOptions = {}): KeyMiddleware {
  const decide = keyGuard(latchkey, options);
  return async (request, response, next) => {
    const decision = await decide((name) => request.headers[name]?.toString() ?? null);
    if (!decision.allowed) {
      const { status, headers, body } = decision.denial;
      response.statusCode = status;
      setHeaders(response, headers);
      response.end(body);
      return;
    }
    setHeaders(response, decision.headers);
    request.apiKey = decision.apiKey;
    if (decision.apiKey === undefined) request.apiKeyUnverified = true;
    next();
  };
}

function setHeaders(response: ServerResponse, headers: Fields): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
