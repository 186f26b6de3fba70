import { ChainCheck, type ChainVerdict, type KnownPlace } from './chain-check.ts';

/** Why a file is not an export at all, judged by its first line. */
export type ExportProblem = 'empty' | 'not-an-entry' | 'utf-16' | 'byte-order-mark';

export type ExportVerdict =
  | ChainVerdict
  | { readonly isIntact: false; readonly line: 1; readonly problem: ExportProblem };

/** Each line of an export has one of these members; a line that was tampered with most likely still does. */
const OF_AN_EXPORT = /"(?:hash|sequence)":/;

/**
 * Checks that an export is complete and unchanged, without the service or its database. With a place in the chain that was
 * recorded earlier, it also detects a chain that was rewritten from some entry on. For a file that is not an export the
 * verdict has a `problem` and no `tampering`.
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
