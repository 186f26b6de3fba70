import { isToken, TOKEN_LABELS } from '@latchkey/contract';
import { randomSecret } from '../shared/random-secret.ts';

/** A new token of an invitation. */
export function generateInvitationToken(): string {
  return randomSecret(TOKEN_LABELS.invitation);
}

/** False for everything that cannot be a token of an invitation. */
export function isInvitationToken(text: string): boolean {
  return isToken('invitation', text);
}
