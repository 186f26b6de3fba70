import { type Caller, requirePermission } from '../shared/caller.ts';
import type { InstanceState, Instances } from './instances.ts';

export interface SystemState {
  /** What does not work now, for people; empty: everything works. */
  readonly problems: readonly string[];
  readonly instances: readonly InstanceState[];
}

export interface SystemNeeds {
  readonly instances: Instances;
  /** What does not work now, within a second. */
  findProblems(): Promise<readonly string[]>;
}

/** The state of the service, for a caller with `workspace:read`. */
export async function getSystem(needs: SystemNeeds, caller: Caller): Promise<SystemState> {
  requirePermission(caller, 'workspace:read');
  return getSystemOnHost(needs);
}

/** The state of the service, for a user of the host. */
export async function getSystemOnHost(needs: SystemNeeds): Promise<SystemState> {
  const [problems, instances] = await Promise.all([needs.findProblems(), needs.instances.list()]);
  return { problems, instances };
}

/** The running instances, for a caller with `workspace:read`. */
export async function listInstances(
  { instances }: Pick<SystemNeeds, 'instances'>,
  caller: Caller,
): Promise<readonly InstanceState[]> {
  requirePermission(caller, 'workspace:read');
  return instances.list();
}
