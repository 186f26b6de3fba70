import type { Catalogue } from '@latchkey/contract';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { ManagingKeyNeeds } from './managing-keys.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

/** What a verb needs that changes a workspace or its people. */
export interface WorkspaceNeeds {
  readonly unitOfWork: UnitOfWork<WorkspaceStores>;
  readonly clock: Clock;
}

/** `WorkspaceNeeds` for what can end keys. */
export interface KeyEndingNeeds extends WorkspaceNeeds, ManagingKeyNeeds {}

/** `WorkspaceNeeds` for what makes or changes roles. */
export interface RoleNeeds extends WorkspaceNeeds {
  readonly catalogue: Catalogue;
}
