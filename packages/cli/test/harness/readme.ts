/** A command of a README and what the text around it promises. */
export interface ReadmeCommand {
  /** As printed, its lines joined. */
  readonly text: string;
  /** The reason in `<!-- not walked: … -->` before the block; null: it is walked. */
  readonly skipped: string | null;
  /** The `json` block that follows the block of which the command is the last one: the answer, abridged with `…`. */
  readonly answer: unknown;
}

const BLOCK = /(?:<!-- not walked: (?<skipped>[^>]+) -->\s+)?```(?<language>\w+)\n(?<body>[\s\S]*?)```/g;

/** The commands of all `sh` blocks, in their order. */
export function commandsOf(markdown: string): ReadmeCommand[] {
  const blocks = [...markdown.matchAll(BLOCK)].map(({ groups = {} }) => groups);
  return blocks.flatMap(({ language, body = '', skipped = null }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    const answer = next?.language === 'json' ? JSON.parse(next.body ?? '') : undefined;
    const texts = body
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return texts.map((text, place) => ({
      text: text.replaceAll(/ {2,}/g, ' ').trim(),
      skipped,
      answer: place === texts.length - 1 ? answer : undefined,
    }));
  });
}

const PLACEHOLDER = /\b([a-z]+(?:_[a-z]+)*_)…/g;

/**
 * The command with each `prefix_…` replaced by the first word with that prefix in the latest output that has one. Throws
 * if no output has.
 */
export function filledIn(command: string, outputs: readonly string[]): string {
  return command.replaceAll(PLACEHOLDER, (_, prefix: string) => {
    for (const output of outputs.toReversed()) {
      const [word] = new RegExp(`\\b${prefix}[0-9A-Za-z]{10,}`).exec(output) ?? [];
      if (word !== undefined) return word;
    }
    throw new Error(`no command before ${command} has shown anything like ${prefix}…`);
  });
}

/** Does the answer have all that the abridged one shows? A field or a value `…` matches anything. */
export function isAbridged(abridged: unknown, answer: unknown): boolean {
  if (abridged === '…') return true;
  if (typeof abridged !== 'object' || abridged === null) return abridged === answer;
  if (typeof answer !== 'object' || answer === null) return false;
  const fields = answer as Record<string, unknown>;
  return Object.entries(abridged).every(([name, value]) => name === '…' || isAbridged(value, fields[name]));
}
