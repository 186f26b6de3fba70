import { randomSecret } from '../shared/tokens.ts';

/** The text of a new key. */
export function generateKeyText(prefix: string, environment: string): string {
  return randomSecret(`${prefix}_${environment}`);
}
