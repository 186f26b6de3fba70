/** Clients invent names, so the cache of spellings is bounded. */
const SPELLINGS_MAX = 1_000;

/**
 * Returns a function that finds the meaning of a header field by its name in any spelling; null for all other names.
 * `meanings` has the names in lower case. Cached by spelling, since making a name lower-case costs more than the look-up.
 */
export function headerMeanings<Meaning>(
  meanings: ReadonlyMap<string, Meaning>,
): (name: string) => Meaning | null {
  const spellings = new Map<string, Meaning | null>();
  return (name) => {
    const known = spellings.get(name);
    if (known !== undefined) return known;
    const meaning = meanings.get(name.toLowerCase()) ?? null;
    if (spellings.size >= SPELLINGS_MAX) spellings.clear();
    spellings.set(name, meaning);
    return meaning;
  };
}
