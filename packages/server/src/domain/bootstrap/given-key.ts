import { isKeyText } from '@latchkey/contract';
import { OperatorError } from '../shared/operator-error.ts';
import { FIRST_LABELS } from '../workspaces/open-workspace.ts';

/** 43 random characters contain about 31 different ones; fewer than this happens once in about ten million keys. */
const DISTINCT_MIN = 16;
/** In a random text, hardly any of the 42 pairs of neighbours are adjacent in the alphabet. */
const ASCENDING_MAX = 8;
/** The length of a sequence of characters that a random text does not contain twice. */
const REPEATED_LENGTH = 6;

const CHECKSUM_LENGTH = 6;
const ADVICE = '`latchkey keys generate` prints a good one';

/**
 * The text of a key that the operator gives for the first start. OperatorError, without the text in it, if it does not have
 * the form of a key of the first workspace, or its characters are not random.
 */
export function parseGivenKey(text: string, source: string): string {
  const labels = `${FIRST_LABELS.keyPrefix}_${FIRST_LABELS.keyEnvironment}_`;
  if (!isKeyText(text) || !text.startsWith(labels))
    throw new OperatorError(
      `${source} does not hold a key of the form ${labels}…, with 43 characters and a checksum of 6: ${ADVICE}`,
    );
  if (isWeak(text.slice(labels.length, -CHECKSUM_LENGTH)))
    throw new OperatorError(
      `${source} holds a key that is not random, so that others could guess it: ${ADVICE}`,
    );
  return text;
}

function isWeak(random: string): boolean {
  return new Set(random).size < DISTINCT_MIN || ascending(random) > ASCENDING_MAX || repeats(random);
}

/** How many characters follow, or precede, the one before them in the alphabet. */
function ascending(text: string): number {
  const codes = [...text].map((character) => character.charCodeAt(0));
  return codes.filter((code, at) => at > 0 && Math.abs(code - (codes[at - 1] ?? code)) === 1).length;
}

function repeats(text: string): boolean {
  return [...text].some((_, at) => {
    const part = text.slice(at, at + REPEATED_LENGTH);
    return part.length === REPEATED_LENGTH && text.includes(part, at + 1);
  });
}
