import { Command } from 'commander';
import { example } from '../../help.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { keysGenerate } from '../service/keys-generate.ts';
import { keysCheck } from './keys-check.ts';
import { keysCreate } from './keys-create.ts';
import { keysExplain } from './keys-explain.ts';
import { keysFind } from './keys-find.ts';
import { keysList } from './keys-list.ts';
import { keysRevoke } from './keys-revoke.ts';
import { keysRotate } from './keys-rotate.ts';
import { keysShow } from './keys-show.ts';
import { keysUpdate } from './keys-update.ts';
import { keysUsage } from './keys-usage.ts';
import { keysVerify } from './keys-verify.ts';

const COMMANDS = [
  keysCreate,
  keysGenerate,
  keysList,
  keysShow,
  keysFind,
  keysUsage,
  keysExplain,
  keysUpdate,
  keysRotate,
  keysRevoke,
  keysCheck,
  keysVerify,
];

export function keys(terminal: Terminal): Command {
  const command = new Command('keys')
    .summary('create, list, inspect, change and revoke keys')
    .description('Creates, lists, inspects, changes and revokes API keys.');
  for (const make of COMMANDS) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey keys create --name "Billing worker"'));
}
