/** A secret, or a part of one, found where it must not be. */
export interface Sighting {
  readonly canary: string;
  readonly where: string;
  /** How it was written there. */
  readonly form: string;
}

interface Needle {
  readonly canary: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/** The prefix of a key before its random part. It is not secret. */
const LABELS = /^[a-z][a-z0-9]*_[a-z][a-z0-9]*_/;

type Writer = readonly [form: string, write: (text: string) => Buffer];

/** Every encoding in which a text may be written. */
const FORMS: readonly Writer[] = [
  ['plain', (text) => Buffer.from(text)],
  ['backwards', (text) => Buffer.from([...text].reverse().join(''))],
  ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
  ['hex', (text) => Buffer.from(hexOf(text))],
  ['HEX', (text) => Buffer.from(hexOf(text).toUpperCase())],
  ['percent-encoded', (text) => Buffer.from(hexOf(text).replaceAll(/../g, '%$&'))],
  ['PERCENT-ENCODED', (text) => Buffer.from(hexOf(text).toUpperCase().replaceAll(/../g, '%$&'))],
  ['escaped', (text) => Buffer.from(hexOf(text).replaceAll(/../g, '\\u00$&'))],
  ['ESCAPED', (text) => Buffer.from(hexOf(text).toUpperCase().replaceAll(/../g, '\\u00$&'))],
  ['bytes as a list', (text) => Buffer.from([...Buffer.from(text)].join(','))],
  ...[0, 1, 2].flatMap((offset): Writer[] => [
    [`base64 at ${offset}`, (text) => Buffer.from(base64Within(text, offset))],
    [`base64url at ${offset}`, (text) => Buffer.from(toUrlAlphabet(base64Within(text, offset)))],
  ]),
];

/** Bytes by which needles are found: a look-up at each position instead of a search for each needle. */
const KEY_BYTES = 4;

/**
 * Looks for secrets in bytes: either half of the random part of each, and so also the whole, in every form. A half is
 * long enough that no other text has it by chance.
 */
export class CanaryScanner {
  readonly #needles = new Map<number, Needle[]>();

  /** @param canaries secrets by what they are called in sightings */
  constructor(canaries: ReadonlyMap<string, string>) {
    for (const needle of [...canaries].flatMap(([canary, secret]) => needlesOf(canary, secret))) {
      const key = needle.bytes.readUInt32LE(0);
      this.#needles.set(key, [...(this.#needles.get(key) ?? []), needle]);
    }
  }

  /** Each form in which the content contains a secret, once. Empty when it contains none. */
  scan(where: string, content: Buffer | string): Sighting[] {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const found = new Set<Needle>();
    for (let at = 0; at + KEY_BYTES <= bytes.length; at++) {
      for (const needle of this.#needles.get(bytes.readUInt32LE(at)) ?? []) {
        if (isAt(needle.bytes, bytes, at)) found.add(needle);
      }
    }
    return [...found].map(({ canary, form }) => ({ canary, where, form }));
  }
}

function isAt(needle: Buffer, bytes: Buffer, at: number): boolean {
  return (
    bytes.length - at >= needle.length &&
    bytes.compare(needle, 0, needle.length, at, at + needle.length) === 0
  );
}

/** A text in each form, to plant in content that is scanned. */
export function writtenForms(text: string): { form: string; bytes: Buffer }[] {
  return FORMS.map(([form, write]) => ({ form, bytes: write(text) }));
}

function needlesOf(canary: string, secret: string): Needle[] {
  const random = secret.replace(LABELS, '');
  const middle = Math.ceil(random.length / 2);
  const halves = { 'first half': random.slice(0, middle), 'second half': random.slice(middle) };
  return Object.entries(halves).flatMap(([half, text]) =>
    FORMS.map(([form, write]) => ({ canary, form: `${half}, ${form}`, bytes: write(text) })),
  );
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

/**
 * The part of a longer base64 text that depends on `text` alone and not on the bytes around it, where `text` begins at
 * byte 3n + `offset`.
 */
function base64Within(text: string, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
  const firstWhole = Math.ceil((offset * 8) / 6);
  const lastWhole = Math.floor(((offset + text.length) * 8) / 6);
  return encoded.slice(firstWhole, lastWhole);
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
