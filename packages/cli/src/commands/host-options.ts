import type { Command } from 'commander';
import { parseId } from '../arguments.ts';
import { type LocalOptions, withLocal } from './local-options.ts';

/** The options of every command that a user of the host runs without a key. */
export interface HostOptions extends LocalOptions {
  readonly workspace?: string;
  readonly user?: string;
}

/** Adds the options of HostOptions. */
export function withHost(command: Command): Command {
  return withLocal(command)
    .option('--workspace <id>', 'the workspace; else the oldest one', parseId)
    .option('--user <id>', 'the member; else the owner who has been there longest', parseId);
}
