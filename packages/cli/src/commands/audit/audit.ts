import { Command } from 'commander';
import { example } from '../../help.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { auditAnchor } from './audit-anchor.ts';
import { auditExport } from './audit-export.ts';
import { auditVerify } from './audit-verify.ts';

export function audit(terminal: Terminal): Command {
  const command = new Command('audit')
    .summary('export and verify the audit log')
    .description('Exports and verifies the audit log, which records who changed what.');
  for (const make of [auditExport, auditAnchor, auditVerify]) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey audit export > audit.ndjson'));
}
