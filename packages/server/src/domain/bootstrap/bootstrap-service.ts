import type { Catalogue } from '@latchkey/contract';
import { type Change, recordChange } from '../audit/record-change.ts';
import { createKey, type MintNeeds, NAME_CODE_POINTS_MAX } from '../keys/create-key.ts';
import type { KeyStores } from '../keys/key-store.ts';
import { AppError } from '../shared/app-error.ts';
import { operator } from '../shared/caller.ts';
import { DEFAULT_CAPS } from '../shared/caps.ts';
import { newId } from '../shared/id.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import { type UnitOfWork, within } from '../shared/unit-of-work.ts';
import type { Person } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import { FIRST_KEY_NAME } from '../workspaces/create-workspace.ts';
import { openWorkspace, WORKSPACE_NAME_MAX } from '../workspaces/open-workspace.ts';

export interface BootstrapNeeds extends MintNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores & WorkspaceStores>;
  readonly catalogue: Catalogue;
}

export interface BootstrapInput {
  readonly workspaceName: string;
  readonly ownerEmail: string;
  readonly ownerName: string;
  /** The text of the owner's key, as `parseGivenKey` returns it; left out: a new random one. */
  readonly keyText?: string;
  /** What the operator works with, for the audit log. */
  readonly agent?: string;
}

export interface Bootstrapped {
  readonly workspaceId: string;
  readonly userId: string;
  /** The owner's first key, whole. It cannot be shown again. */
  readonly secret: string;
}

/**
 * Makes the first workspace, its owner and the owner's key, all or nothing. CONFLICT where the service already has a
 * workspace: this happens once in the life of a database.
 */
export async function bootstrapService(
  needs: BootstrapNeeds,
  founding: BootstrapInput,
): Promise<Bootstrapped> {
  const name = parsePlainText(founding.workspaceName, 'workspaceName', WORKSPACE_NAME_MAX);
  const displayName = parsePlainText(founding.ownerName, 'ownerName', NAME_CODE_POINTS_MAX);
  return needs.unitOfWork.transact(async (stores) => {
    if (await stores.workspaces.first())
      throw new AppError('CONFLICT', { message: 'There is a workspace already' });
    const now = needs.clock.now();
    await stores.workspaces.reserveFirst(now);
    const { catalogue } = needs;
    const owner: Person = { id: newId('usr'), email: founding.ownerEmail, displayName };
    const workspace = await openWorkspace({ ...stores, catalogue }, { name, owner }, now);
    const caller = operator(catalogue, { workspaceId: workspace.id, userId: owner.id }, founding.agent);
    await recordChange(stores.audit, caller, foundingOf(workspace, owner), now);
    const { keyText: givenText } = founding;
    const given = givenText === undefined ? {} : { givenText };
    const minted = await createKey({ ...within(needs, stores), caps: DEFAULT_CAPS, ...given }, caller, {
      name: FIRST_KEY_NAME,
      userId: owner.id,
    });
    return { workspaceId: workspace.id, userId: owner.id, secret: minted.secret ?? '' };
  });
}

function foundingOf({ id, name, keyPrefix, keyEnvironment }: Workspace, owner: Person): Change {
  return {
    eventType: 'workspace.founded',
    target: { kind: 'workspace', id },
    before: null,
    after: { name, keyPrefix, keyEnvironment, ownerId: owner.id },
  };
}
