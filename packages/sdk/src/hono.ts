import type { MiddlewareHandler } from 'hono';
import { keyGuard } from './protect/guard.ts';
import type { KeyOf, KeyVerifier, RequireKeyOptions } from './protect/options.ts';

export type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

/** The variables of a request that passed. */
export interface KeyVariables<Options extends RequireKeyOptions> {
  /** The verified key. */
  apiKey: KeyOf<Options>;
  /** True if the key could not be verified, and `whenUnavailable: 'allow'` let the request pass. */
  apiKeyUnverified: true | undefined;
}

/**
 * A middleware that lets a request pass only with a valid key that has the permissions. `c.get('apiKey')` is then the key.
 * Otherwise it responds with 401, 403, 429 or 503. Throws TypeError for invalid options.
 */
export function requireKey<const Options extends RequireKeyOptions = Record<never, never>>(
  latchkey: KeyVerifier,
  options?: Options,
): MiddlewareHandler<{ Variables: KeyVariables<Options> }> {
  const decide = keyGuard(latchkey, options ?? {});
  return async (context, next) => {
    const decision = await decide((name) => context.req.header(name) ?? null);
    if (!decision.allowed) {
      const { status, headers, body } = decision.denial;
      return new Response(body, { status, headers });
    }
    context.set('apiKey', decision.apiKey as KeyOf<Options>);
    context.set('apiKeyUnverified', decision.apiKey === undefined ? true : undefined);
    await next();
    for (const [name, value] of Object.entries(decision.headers)) context.header(name, value);
    return undefined;
  };
}
