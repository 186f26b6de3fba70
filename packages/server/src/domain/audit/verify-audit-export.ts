import { ChainCheck, type ChainVerdict, type KnownPlace } from './chain-check.ts';

/** Why a file is not an export at all, as its first line shows. */
export type ExportProblem = 'empty' | 'not-an-entry' | 'utf-16' | 'byte-order-mark';

export type ExportVerdict =
  | ChainVerdict
  | { readonly isIntact: false; readonly line: 1; readonly problem: ExportProblem };

/** Every line of an export has these members, and one that was tampered with still has most of its text. */
const OF_AN_EXPORT = /"(?:hash|sequence)":/;

/**
 * Is the export whole, and as it was written? It needs neither the service nor its database. With a place of the chain
 * that was noted down earlier, also chains that were made anew from some entry on are found. A file that is not an export
 * gets a verdict of its own, which says nothing of tampering.
 */
export async function verifyAuditExport(
  lines: AsyncIterable<string>,
  known: KnownPlace | null = null,
): Promise<ExportVerdict> {
  const check = new ChainCheck(known);
  let isFirst = true;
  for await (const line of lines) {
    const problem = isFirst ? problemOf(line) : null;
    if (problem) return { isIntact: false, line: 1, problem };
    isFirst = false;
    check.read(line);
  }
  return isFirst ? { isIntact: false, line: 1, problem: 'empty' } : check.finish();
}

/** What is wrong with the first line, decoded as UTF-8. */
function problemOf(line: string): ExportProblem | null {
  if (line.startsWith('\ufeff')) return 'byte-order-mark';
  if (line.includes('\u0000')) return 'utf-16';
  return OF_AN_EXPORT.test(line) ? null : 'not-an-entry';
}
