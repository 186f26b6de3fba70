import type { ApiKeyBody } from '@latchkey/contract';
import type {
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  preHandlerAsyncHookHandler,
} from 'fastify';
import { type Guard, keyGuard } from './protect/guard.ts';
import type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

export type { KeyVerifier, RequireKeyOptions } from './protect/options.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified key. Undefined in a route that needs no key, and if `apiKeyUnverified` is true. */
    apiKey?: ApiKeyBody | undefined;
    /** True if the key could not be verified, and `whenUnavailable: 'allow'` let the request pass. */
    apiKeyUnverified?: true | undefined;
  }
  interface FastifyContextConfig {
    /** The route needs a valid key. Read by `latchkeyPlugin`. */
    requireKey?: RequireKeyOptions;
  }
}

export interface LatchkeyPluginOptions {
  readonly latchkey: KeyVerifier;
}

/**
 * Protects every route with `config: { requireKey: { … } }` that is added after it, in other plugins too. The key is verified
 * before the body is read. Adding a route with invalid options throws TypeError.
 */
export const latchkeyPlugin: FastifyPluginCallback<LatchkeyPluginOptions> = (fastify, { latchkey }, done) => {
  fastify.addHook('onRoute', (route) => {
    const { config } = route;
    if (!config || !('requireKey' in config)) return;
    const guard = hook(keyGuard(latchkey, config.requireKey as RequireKeyOptions));
    route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
  });
  done();
};

// Fastify then adds the hook to the instance that registers the plugin, not to a new scope of its own.
Object.assign(latchkeyPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@latchkey/sdk',
});

/** A `preHandler`, or `onRequest`, hook for one route. Throws TypeError for invalid options. */
export function requireKey(
  latchkey: KeyVerifier,
  options: RequireKeyOptions = {},
): preHandlerAsyncHookHandler {
  return hook(keyGuard(latchkey, options));
}

function hook(decide: Guard) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const decision = await decide((name) => request.headers[name]?.toString() ?? null);
    if (!decision.allowed) {
      const { status, headers, body } = decision.denial;
      return reply.code(status).headers(headers).send(body);
    }
    reply.headers(decision.headers);
    request.apiKey = decision.apiKey;
    if (decision.apiKey === undefined) request.apiKeyUnverified = true;
    return undefined;
  };
}
