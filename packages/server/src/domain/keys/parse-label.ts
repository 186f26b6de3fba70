import { invalid } from '../shared/app-error.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { containsKeyText } from './key-text.ts';

/**
 * `parsePlainText` for what is kept with a key and shown to others. A text that has a key in it, which somebody has put
 * into the wrong field, throws VALIDATION_FAILED: no secret is ever stored.
 */
export function parseLabel(text: string, field: string, codePointsMax: number): string {
  const label = parsePlainText(text, field, codePointsMax);
  if (containsKeyText(label))
    throw invalid(field, 'must not contain a key: it is stored and shown to others');
  return label;
}
