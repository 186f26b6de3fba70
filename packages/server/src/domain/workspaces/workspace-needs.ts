import type { Catalogue } from '@latchkey/contract';
import type { ManagingKeyNeeds } from '../access/managing-keys.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** The needs of a verb that changes a workspace or its members. */
export interface WorkspaceNeeds {
  readonly unitOfWork: UnitOfWork<WorkspaceStores>;
  readonly clock: Clock;
}

/** `WorkspaceNeeds` for verbs that can end keys. */
export interface KeyEndingNeeds extends WorkspaceNeeds, ManagingKeyNeeds {}

/** `WorkspaceNeeds` for verbs that make or change roles. */
export interface RoleNeeds extends WorkspaceNeeds {
  readonly catalogue: Catalogue;
}
