import { randomSecret } from '../shared/random-secret.ts';

/** The text of a new key. */
export function generateKeyText(prefix: string, environment: string): string {
  return randomSecret(`${prefix}_${environment}`);
}
