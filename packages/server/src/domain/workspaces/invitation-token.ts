import { isToken, TOKEN_LABELS } from '@latchkey/contract';
import { randomSecret } from '../shared/tokens.ts';

/** A new invitation token. */
export function generateInvitationToken(): string {
  return randomSecret(TOKEN_LABELS.invitation);
}

/** False if the text does not have the form of an invitation token. */
export function isInvitationToken(text: string): boolean {
  return isToken('invitation', text);
}
