import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Identity } from '../domain/identity/identity.ts';
import type { IdentityProvider } from '../domain/identity/identity-provider.ts';
import { AppError } from '../domain/shared/app-error.ts';
import { CLOCK_TOLERANCE_SECONDS, type ExpectedClaims, identityOf, isIssuedInFuture } from './identity-of.ts';
import { ProviderKeys, type ProviderKeysNeeds } from './provider-keys.ts';

/** Asymmetric algorithms only: with a symmetric one, each service that can verify a token could also forge one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Accepted values of `typ` (RFC 9068, section 2.1; RFC 7519, section 5.1); not those of others, such as logout tokens. */
const TYPES = ['jwt', 'at+jwt', 'application/at+jwt'];

export interface OidcIdentityProviderNeeds extends ProviderKeysNeeds, ExpectedClaims {
  readonly audience: string;
}

/** An OpenID Connect provider. Its metadata and keys are fetched when the first token is verified. */
export class OidcIdentityProvider implements IdentityProvider {
  readonly #needs: OidcIdentityProviderNeeds;
  readonly #keys: ProviderKeys;

  constructor(needs: OidcIdentityProviderNeeds) {
    this.#needs = needs;
    this.#keys = new ProviderKeys(needs);
  }

  async verify(token: string): Promise<Identity> {
    try {
      return identityOf(await this.#claimsOf(token), this.#needs);
    } catch (error) {
      throw error instanceof errors.JOSEError ? denialOf(error, this.#needs) : error;
    }
  }

  async #claimsOf(token: string): Promise<JWTPayload> {
    const { issuer, audience, clock } = this.#needs;
    const { payload, protectedHeader } = await jwtVerify(
      token,
      (header, jws) => this.#keys.find(header, jws),
      {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub'],
      },
    );
    const { typ = 'JWT' } = protectedHeader;
    if (!TYPES.includes(typ.toLowerCase()))
      throw invalidToken(`Tokens of the type ${typ} are not accepted; send an access token`);
    if (isIssuedInFuture(payload, clock.now()))
      throw invalidToken('The token is issued in the future: its iat is later than now');
    return payload;
  }
}

function invalidToken(message: string, cause?: unknown): AppError {
  return new AppError('TOKEN_INVALID', { message, cause });
}

function denialOf(error: errors.JOSEError, expected: OidcIdentityProviderNeeds): AppError {
  if (error instanceof errors.JWTExpired) return new AppError('TOKEN_EXPIRED', { cause: error });
  return invalidToken(faultOf(error, expected), error);
}

/** What is wrong with a token, for the developer of the client. */
function faultOf(error: errors.JOSEError, { issuer, audience }: OidcIdentityProviderNeeds): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud')
      return `The token is for another audience; ask for one with the audience ${audience}`;
    if (error.claim === 'iss') return `The token is from another issuer; send one issued by ${issuer}`;
    if (error.claim === 'nbf') return 'The token is not valid yet';
    return `The claim ${error.claim} of the token is missing or not valid`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `The token must be signed with one of ${ALGORITHMS.join(', ')}`;
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'The token is signed with a key that the identity provider does not publish';
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'The token does not name its key: kid is missing';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong';
  return 'The token is not a well-formed JWT';
}
