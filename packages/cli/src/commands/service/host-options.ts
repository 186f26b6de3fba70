import type { Command } from 'commander';
import { parseId } from '../../arguments.ts';
import { type LocalOptions, withLocal } from '../local-options.ts';

/** The options of the commands that run on the host without a key. */
export interface HostOptions extends LocalOptions {
  readonly workspace?: string;
  readonly user?: string;
}

/** Adds the options of HostOptions. */
export function withHost(command: Command): Command {
  return withLocal(command)
    .option('--workspace <id>', 'the workspace; by default the oldest one', parseId)
    .option('--user <id>', 'the member; by default the longest-standing owner', parseId);
}
