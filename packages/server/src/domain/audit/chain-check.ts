import { type Anchor, genesisOf, lineOf, linkHash } from './chain.ts';

/**
 * How a chain was tampered with: an entry was changed, removed, moved, or inserted; entries at the end are missing; or the
 * chain is consistent but differs from the one that the known place was taken from.
 */
export type Tampering = 'edited' | 'missing' | 'reordered' | 'inserted' | 'cut' | 'rewritten';

export type ChainVerdict =
  | { readonly isIntact: true; readonly from: Anchor; readonly head: Anchor }
  | { readonly isIntact: false; readonly sequence: number; readonly tampering: Tampering };

/** A place in the chain that was recorded earlier, outside of the service. */
export type KnownPlace = Pick<Anchor, 'sequence' | 'hash'>;

type Line =
  | { readonly kind: 'entry'; readonly record: EntryRecord }
  | { readonly kind: 'checkpoint' | 'anchor'; readonly place: Anchor };

type EntryRecord = Readonly<Record<string, unknown>> & {
  readonly workspaceId: string;
  readonly sequence: number;
};

/** Workspace, sequence and hash. */
const PLACE_FIELDS = 3;

interface Break {
  readonly sequence: number;
  readonly tampering: Tampering;
  /** The verdict instead, when the entry with this sequence number appears later. */
  readonly ifFoundLater: Tampering;
}

/**
 * Checks an export line by line, in constant memory. Each line must be exactly the canonical JSON that this service
 * writes, so that no two programs can parse it differently.
 */
export class ChainCheck {
  readonly #known: KnownPlace | null;
  #from: Anchor | null = null;
  #head: Anchor | null = null;
  #break: Break | null = null;
  #isClosed = false;
  /** Has an entry recorded that retention removed all entries up to the checkpoint? */
  #isTrimRecorded = false;

  constructor(known: KnownPlace | null = null) {
    this.#known = known;
  }

  /** Reads the next line. After the first break, lines only refine its kind. */
  read(text: string): void {
    if (this.#break) this.#explain(text);
    else this.#take(parse(text));
  }

  /** The verdict on all lines read. */
  finish(): ChainVerdict {
    if (!this.#break) this.#judgeEnd();
    if (this.#break) {
      const { sequence, tampering } = this.#break;
      return { isIntact: false, sequence, tampering };
    }
    return { isIntact: true, from: this.#from as Anchor, head: this.#head as Anchor };
  }

  get #next(): number {
    return (this.#head?.sequence ?? 0) + 1;
  }

  #take(line: Line | null): void {
    if (this.#isClosed) this.#breakAt(this.#next, 'inserted');
    else if (!line) this.#breakAt(this.#next, 'edited');
    else if (line.kind === 'entry') this.#readEntry(line.record);
    else if (line.kind === 'anchor') this.#close(line.place);
    else if (this.#from || line.place.sequence < 1) this.#breakAt(this.#next, 'inserted');
    else this.#begin(line.place);
  }

  #begin(from: Anchor): void {
    this.#from = from;
    this.#advance(from);
  }

  #readEntry(record: EntryRecord): void {
    if (!this.#from) this.#begin(genesisOf(record.workspaceId));
    if (this.#break) return;
    const { sequence } = record;
    if (sequence > this.#next) this.#breakAt(this.#next, 'missing', 'reordered');
    else if (sequence < this.#next) this.#breakAt(this.#next, 'inserted');
    else this.#link(record);
  }

  #link({ hash, ...content }: EntryRecord): void {
    const { workspaceId, hash: previous } = this.#head as Anchor;
    const expected = linkHash(previous, content);
    if (hash !== expected || content.workspaceId !== workspaceId)
      this.#breakAt(content.sequence, 'edited', 'inserted');
    else {
      this.#isTrimRecorded ||= content.eventType === 'audit.trimmed' && isPlace(content.after, this.#from);
      this.#advance({ workspaceId, sequence: content.sequence, hash: expected });
    }
  }

  #advance(head: Anchor): void {
    this.#head = head;
    if (this.#known?.sequence === head.sequence && this.#known.hash !== head.hash)
      this.#breakAt(head.sequence, 'rewritten');
  }

  /** No line may follow the anchor. */
  #close(anchor: Anchor): void {
    if (!this.#from) this.#begin(genesisOf(anchor.workspaceId));
    if (this.#break) return;
    this.#isClosed = true;
    if (anchor.sequence > this.#next - 1) this.#breakAt(this.#next, 'cut');
    else if (lineOf(anchor) !== lineOf(this.#head as Anchor)) this.#breakAt(this.#next - 1, 'edited');
  }

  #judgeEnd(): void {
    const { sequence = 0 } = this.#from ?? {};
    if (!this.#isClosed) this.#breakAt(this.#next, 'cut');
    else if (this.#known && this.#known.sequence >= this.#next) this.#breakAt(this.#next, 'cut');
    else if (this.#known && this.#known.sequence < sequence) this.#breakAt(this.#known.sequence, 'missing');
    else if (sequence > 0 && !this.#isTrimRecorded) this.#breakAt(sequence, 'missing');
  }

  #breakAt(sequence: number, tampering: Tampering, ifFoundLater = tampering): void {
    this.#break = { sequence, tampering, ifFoundLater };
  }

  #explain(text: string): void {
    if (!this.#break || this.#break.tampering === this.#break.ifFoundLater) return;
    const value = parseJson(text);
    if (isObject(value) && value.sequence === this.#break.sequence)
      this.#break = { ...this.#break, tampering: this.#break.ifFoundLater };
  }
}

/** `ChainCheck` over all lines of an export. */
export function verifyChain(lines: Iterable<string>, known: KnownPlace | null = null): ChainVerdict {
  const check = new ChainCheck(known);
  for (const line of lines) check.read(line);
  return check.finish();
}

/** Null when the text is not a line of an export, or not the canonical JSON of one. */
function parse(text: string): Line | null {
  const value = parseJson(text);
  if (!isObject(value) || lineOf(value) !== text) return null;
  if (isEntry(value)) return { kind: 'entry', record: value };
  const [[kind, place] = [], ...others] = Object.entries(value);
  if (others.length > 0 || !isAnchor(place)) return null;
  return kind === 'checkpoint' || kind === 'anchor' ? { kind, place } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEntry(value: Record<string, unknown>): value is EntryRecord {
  return typeof value.workspaceId === 'string' && Number.isSafeInteger(value.sequence);
}

function isAnchor(value: unknown): value is Anchor {
  return (
    isObject(value) &&
    isEntry(value) &&
    typeof value.hash === 'string' &&
    Object.keys(value).length === PLACE_FIELDS
  );
}

function isPlace(value: unknown, place: Anchor | null): boolean {
  return isObject(value) && value.sequence === place?.sequence && value.hash === place?.hash;
}
