import { type Caller, requirePermission } from '../shared/caller.ts';

/** A running process of the service. */
export interface Instance {
  readonly id: string;
  readonly version: string;
  readonly startedAt: number;
}

/** What only a user of the host may see of an instance. */
export interface InstanceDetails {
  /** The number of keys in memory. */
  readonly cachedKeys: number;
  /** By how many milliseconds the cached keys may be older than the database. */
  readonly lagMs: number;
  /** The last error in the log since the start; null: none. */
  readonly lastError: { readonly at: number; readonly message: string } | null;
}

export interface SystemState {
  /** What does not work now, for people; empty: everything works. */
  readonly problems: readonly string[];
  readonly instances: readonly (Instance & Partial<InstanceDetails>)[];
}

export interface SystemNeeds {
  readonly instance: Instance;
  /** What does not work now, within a second. */
  findProblems(): Promise<readonly string[]>;
}

/** The state of the service, for a caller with `workspace:read`. */
export async function getSystem(needs: SystemNeeds, caller: Caller): Promise<SystemState> {
  requirePermission(caller, 'workspace:read');
  return { problems: await needs.findProblems(), instances: [needs.instance] };
}

/** The state of the service with all details, for a user of the host. */
export async function getSystemOnHost(needs: SystemNeeds, details: InstanceDetails): Promise<SystemState> {
  return { problems: await needs.findProblems(), instances: [{ ...needs.instance, ...details }] };
}
