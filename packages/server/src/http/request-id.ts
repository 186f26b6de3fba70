import { newId } from '../domain/shared/id.ts';

/** The digits of ids (Crockford's base 32, in lower case). */
const DIGITS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** The suffix of the ids of one millisecond: a counter (RFC 9562, section 6.2), since random numbers are slow. */
const ENDINGS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));
const ENDING_LENGTH = 2;

let drawnAt = Number.NaN;
let beginning = '';
let used = 0;

/** A new request id, in the format of every id. Ids of the same millisecond may differ in their last two digits only. */
export function newRequestId(): string {
  const now = Date.now();
  if (now !== drawnAt || used === ENDINGS.length) {
    drawnAt = now;
    beginning = newId('req').slice(0, -ENDING_LENGTH);
    used = 0;
  }
  return beginning + ENDINGS[used++];
}
