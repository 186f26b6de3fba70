import type { JWTPayload } from 'jose';
import type { Identity } from '../domain/identity/identity.ts';
import { AppError } from '../domain/shared/app-error.ts';
import { parsePlainText } from '../domain/shared/plain-text.ts';

const SUBJECT_LENGTH_MAX = 255;
const WORKSPACE_LENGTH_MAX = 64;
const EMAIL_LENGTH_MAX = 254;
const NAME_CODE_POINTS_MAX = 100;

/** ASCII only: beyond it, letters that are different addresses at the provider can be the same without regard to case. */
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/;

export interface ExpectedClaims {
  readonly issuer: string;
  readonly workspaceClaim: string;
}

/** The identity in the claims of a verified token. TOKEN_INVALID where they do not say clearly who it is. */
export function identityOf(claims: JWTPayload, { issuer, workspaceClaim }: ExpectedClaims): Identity {
  return {
    issuer,
    subject: shortText(claims, 'sub', SUBJECT_LENGTH_MAX),
    email: verifiedEmail(claims),
    displayName: displayName(claims),
    workspaceId:
      claims[workspaceClaim] === undefined ? null : shortText(claims, workspaceClaim, WORKSPACE_LENGTH_MAX),
  };
}

function shortText(claims: JWTPayload, name: string, lengthMax: number): string {
  const value = claims[name];
  if (typeof value === 'string' && value.length > 0 && value.length <= lengthMax) return value;
  throw new AppError('TOKEN_INVALID', {
    message: `The claim ${name} of the token must be a text of 1 to ${lengthMax} characters`,
  });
}

/** Only what the provider itself vouches for: anybody can claim an address. */
function verifiedEmail({ email, email_verified }: JWTPayload): string | null {
  if (email_verified !== true || typeof email !== 'string') return null;
  return email.length <= EMAIL_LENGTH_MAX && EMAIL.test(email) ? email : null;
}

/** A name that cannot be shown is none. */
function displayName({ name }: JWTPayload): string | null {
  if (typeof name !== 'string') return null;
  try {
    return parsePlainText(name, 'name', NAME_CODE_POINTS_MAX);
  } catch {
    return null;
  }
}
