import { ChainCheck, type ChainVerdict, type KnownPlace } from './chain-check.ts';

/**
 * Is the export whole, and as it was written? It needs neither the service nor its database. With a place of the chain
 * that was noted down earlier, also chains that were made anew from some entry on are found.
 */
export async function verifyAuditExport(
  lines: AsyncIterable<string>,
  known: KnownPlace | null = null,
): Promise<ChainVerdict> {
  const check = new ChainCheck(known);
  for await (const line of lines) check.read(line);
  return check.finish();
}
