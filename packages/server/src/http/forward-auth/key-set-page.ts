import { JWKS_PATH } from '@latchkey/contract';
import type { Page } from '../pages/page.ts';
import { textResponse } from '../pipeline/raw-response.ts';
import type { IdentityTokens } from './identity-tokens.ts';

/** An hour: a new key is published 30 days before it signs. */
const CACHED = 'public, max-age=3600';

/** The public keys of identity tokens, as a JWK set (RFC 7517, section 5). */
export function keySetPage(tokens: IdentityTokens): Page {
  return {
    path: JWKS_PATH,
    async answer({ requestId }) {
      const fields = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': CACHED };
      return textResponse(200, JSON.stringify(await tokens.keySet()), requestId, fields);
    },
  };
}
