import { TOKEN_LABELS } from '@latchkey/contract';
import { randomSecret } from '../shared/tokens.ts';

/** A new token of a session or of a sign-in link. */
export function generateToken(kind: 'session' | 'signin'): string {
  return randomSecret(TOKEN_LABELS[kind]);
}
