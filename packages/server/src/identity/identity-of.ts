import type { JWTPayload } from 'jose';
import type { Identity } from '../domain/identity/identity.ts';
import { AppError } from '../domain/shared/app-error.ts';
import { parsePlainText } from '../domain/shared/text/plain-text.ts';

const SUBJECT_LENGTH_MAX = 255;
const WORKSPACE_LENGTH_MAX = 64;
const EMAIL_LENGTH_MAX = 254;
const NAME_CODE_POINTS_MAX = 100;

/** ASCII only: other letters can be different addresses at the provider and equal when compared without case. */
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/;

export interface ExpectedClaims {
  readonly issuer: string;
  /** The claim that names a workspace. */
  readonly workspaceClaim: string;
  /** Does an address count as verified when the provider sends no `email_verified`? */
  readonly trustsEmails: boolean;
}

/** The identity in the claims of a verified token. Throws TOKEN_INVALID when a required claim is missing or too long. */
export function identityOf(
  claims: JWTPayload,
  { issuer, workspaceClaim, trustsEmails }: ExpectedClaims,
): Identity {
  return {
    issuer,
    subject: shortText(claims, 'sub', SUBJECT_LENGTH_MAX),
    email: verifiedEmail(claims, trustsEmails),
    displayName: displayName(claims),
    workspaceId:
      claims[workspaceClaim] === undefined ? null : shortText(claims, workspaceClaim, WORKSPACE_LENGTH_MAX),
  };
}

function shortText(claims: JWTPayload, name: string, lengthMax: number): string {
  const value = claims[name];
  if (typeof value === 'string' && value.length > 0 && value.length <= lengthMax) return value;
  throw new AppError('TOKEN_INVALID', {
    message: `The claim ${name} of the token must be a string of 1 to ${lengthMax} characters`,
  });
}

/**
 * The claims of an ID token, completed from the user info of the same subject. The user info cannot verify another address
 * than its own. When one of the two says that an address is not verified, it is not.
 */
export function mergeClaims(idToken: JWTPayload, userInfo: JWTPayload): JWTPayload {
  if (isOtherAddress(idToken.email, userInfo.email)) {
    const { email: _email, email_verified: _isVerified, ...rest } = userInfo;
    return { ...rest, ...idToken };
  }
  const denial = [idToken, userInfo].find(
    ({ email_verified }) => !(email_verified === undefined || isYes(email_verified)),
  );
  return { ...userInfo, ...idToken, ...(denial && { email_verified: denial.email_verified }) };
}

/** Do the claims have both `email` and `email_verified`? */
export function saysWhetherVerified({ email, email_verified }: JWTPayload): boolean {
  return email !== undefined && email_verified !== undefined;
}

function isOtherAddress(email: unknown, other: unknown): boolean {
  if (typeof email !== 'string' || typeof other !== 'string') return false;
  return !EMAIL.test(other) || email.toLowerCase() !== other.toLowerCase();
}

/** Null unless the provider has verified the address: any user can claim an unverified one. */
function verifiedEmail({ email, email_verified }: JWTPayload, trustsEmails: boolean): string | null {
  const isVerified = email_verified === undefined ? trustsEmails : isYes(email_verified);
  if (!isVerified || typeof email !== 'string') return null;
  return email.length <= EMAIL_LENGTH_MAX && EMAIL.test(email) ? email : null;
}

/** Some providers, such as Amazon Cognito, send the claim as a string. */
function isYes(email_verified: unknown): boolean {
  return email_verified === true || email_verified === 'true';
}

/** Null when the name is missing or cannot be displayed. */
function displayName({ name }: JWTPayload): string | null {
  if (typeof name !== 'string') return null;
  try {
    return parsePlainText(name, 'name', NAME_CODE_POINTS_MAX);
  } catch {
    return null;
  }
}

/** The accepted difference between the provider's clock and ours. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** True when a token was issued after `now` (milliseconds) plus the tolerance. False when it has no `iat`. */
export function isIssuedInFuture({ iat = 0 }: Pick<JWTPayload, 'iat'>, now: number): boolean {
  return iat > now / 1_000 + CLOCK_TOLERANCE_SECONDS;
}
