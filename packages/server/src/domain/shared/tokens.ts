import { BASE62, RANDOM_LENGTH, secretText } from '@latchkey/contract';
import { customAlphabet } from 'nanoid';

const randomText = customAlphabet(BASE62, RANDOM_LENGTH);

/** A new secret with these labels and 256 bits from the system's generator. */
export function randomSecret(labels: string): string {
  return secretText(labels, randomText());
}
