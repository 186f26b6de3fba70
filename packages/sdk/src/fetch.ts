import { keyGuard } from './protect/guard.ts';
import type { KeyOf, KeyVerifier, RequireKeyOptions } from './protect/options.ts';

export type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

/** What `withKey` adds to a request that it lets pass. */
export interface VerifiedKey<Options extends RequireKeyOptions> {
  /** The verified key. */
  readonly apiKey: KeyOf<Options>;
  /** True if the key could not be verified, and `whenUnavailable: 'allow'` let the request pass. */
  readonly apiKeyUnverified?: true | undefined;
}

/**
 * A handler that calls `handler` only for a request with a valid key that has the permissions. `request.apiKey` is then the
 * key. Otherwise it responds with 401, 403, 429 or 503. Further arguments, such as `env` in Workers, are passed on. Throws
 * TypeError for invalid options.
 */
export function withKey<
  const Options extends RequireKeyOptions,
  Incoming extends Request,
  Rest extends unknown[],
>(
  latchkey: KeyVerifier,
  options: Options,
  handler: (request: Incoming & VerifiedKey<Options>, ...rest: Rest) => Response | Promise<Response>,
): (request: Incoming, ...rest: Rest) => Promise<Response> {
  const decide = keyGuard(latchkey, options);
  return async (request, ...rest) => {
    const decision = await decide((name) => request.headers.get(name));
    if (!decision.allowed) {
      const { status, headers, body } = decision.denial;
      return new Response(body, { status, headers });
    }
    const { apiKey } = decision;
    const verified: VerifiedKey<Options> = {
      apiKey: apiKey as KeyOf<Options>,
      apiKeyUnverified: apiKey === undefined ? true : undefined,
    };
    const response = await handler(Object.assign(request, verified), ...rest);
    return withFields(response, decision.headers);
  };
}

/** The response with these header fields. A response of `fetch` or `Response.redirect` cannot be changed, so it is copied. */
function withFields(response: Response, fields: Readonly<Record<string, string>>): Response {
  const entries = Object.entries(fields);
  if (entries.length === 0) return response;
  const changed = new Response(response.body, response);
  for (const [name, value] of entries) changed.headers.set(name, value);
  return changed;
}
