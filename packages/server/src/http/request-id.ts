import { newId } from '../domain/shared/id.ts';

/** The digits of ids (Crockford's base 32, in lower case). */
const DIGITS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** What the ids of one millisecond end with: counted, as RFC 9562, section 6.2 has it, since drawing is the dear part. */
const ENDINGS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));
const ENDING_LENGTH = 2;

let drawnAt = Number.NaN;
let beginning = '';
let used = 0;

/** The id of a request: as every id, but those of a millisecond may differ in their last two digits alone. */
export function newRequestId(): string {
  const now = Date.now();
  if (now !== drawnAt || used === ENDINGS.length) {
    drawnAt = now;
    beginning = newId('req').slice(0, -ENDING_LENGTH);
    used = 0;
  }
  return beginning + ENDINGS[used++];
}
