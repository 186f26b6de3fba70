import { type Static, Type } from 'typebox';
import { API_BASE } from './endpoints/endpoint.ts';
import { Closed } from './schemas/envelope.ts';
import { questionInQuery } from './schemas/verdict.ts';

/*
 * Forward auth: a gateway asks, for each request of its clients, whether the request may pass. It is not in the endpoint table,
 * because the call has the method of the request that it is about, and a credential of the gateway beside that of the client.
 */

export const FORWARD_AUTH_PATH = `${API_BASE}/forward-auth`;

/** The header with the gateway's own key. The gateway must overwrite it in each request. */
export const VERIFIER_HEADER = 'Latchkey-Verifier';

/** The headers of a 2xx answer that identify the key. Each is always set, so that a gateway that copies them overwrites those of its client. */
export const IDENTITY_HEADERS = {
  keyId: 'X-Latchkey-Key-Id',
  ownerId: 'X-Latchkey-Owner-Id',
  workspaceId: 'X-Latchkey-Workspace-Id',
  /** Separated by commas, in catalogue order; empty for a key without permissions. */
  permissions: 'X-Latchkey-Permissions',
} as const;

/** The header with a signed identity, for an API that checks it. Empty unless the gateway asks for it. */
export const IDENTITY_TOKEN_HEADER = 'X-Latchkey-Identity-Token';

/** Where the keys of signed identities are published. */
export const JWKS_PATH = '/.well-known/jwks.json';

/** The headers of a denial: the status that the client should get, and the error code. */
export const DENIAL_HEADERS = { status: 'X-Latchkey-Status', code: 'X-Latchkey-Code' } as const;

export const ForwardAuthQuery = Closed({
  ...questionInQuery,
  identityToken: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Also send a signed identity, which is valid for a minute.',
    }),
  ),
  deny: Type.Optional(
    Type.Unsafe<'403'>({
      type: 'string',
      enum: ['403'],
      description: 'Deny with 401 or 403 only, for gateways that know no other status.',
    }),
  ),
});

export type ForwardAuthQueryBody = Static<typeof ForwardAuthQuery>;
