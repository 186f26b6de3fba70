import { BUILT_IN_CATALOGUE, type Catalogue } from '@latchkey/contract';
import { type AuditDraft, denialOf } from '../audit/entry.ts';
import { appendEntry } from '../audit/record-change.ts';
import { NO_CLIENT } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { OperatorError } from '../shared/operator-error.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { CatalogueStores, OrphanedPermission, RenewedRoles } from '../tenancy/permission-store.ts';

const NAMED_MAX = 5;

export interface AdoptionNeeds {
  readonly unitOfWork: UnitOfWork<CatalogueStores>;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

/**
 * Updates the stored permissions to the catalogue. Must run before the service answers any request. Permissions that the
 * catalogue no longer has are retired and returned; the system roles get the permissions that it gives them. Throws
 * OperatorError and changes nothing if the built-in catalogue would retire a permission: then the operator has left out
 * the setting, and a retirement cannot be undone.
 */
export async function adoptCatalogue({
  unitOfWork,
  catalogue,
  clock,
}: AdoptionNeeds): Promise<readonly OrphanedPermission[]> {
  return unitOfWork.transact(async ({ permissions, audit }) => {
    const now = clock.now();
    const lost = await permissions.lost();
    const names = lost.map(({ permission }) => permission);
    if (names.length > 0 && catalogue === BUILT_IN_CATALOGUE) throw missingSetting(names);
    await permissions.retire(names, now);
    for (const renewed of await permissions.renewSystemRoles(now))
      await appendEntry(audit, changed(renewed, now));
    return lost;
  });
}

function missingSetting(names: readonly string[]): OperatorError {
  const few = names.slice(0, NAMED_MAX).join(', ');
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return new OperatorError(
    `the database uses permissions that are not built in: ${few}${more}. Set LATCHKEY_PERMISSIONS_FILE to the file that has them. To remove them permanently, set it to a file without them`,
  );
}

function changed({ workspaceId, added, removed }: RenewedRoles, createdAt: number): AuditDraft {
  return {
    ...NO_CLIENT,
    workspaceId,
    eventType: 'catalogue.changed',
    actorId: null,
    credential: { kind: 'operator', keyId: null },
    target: { kind: 'workspace', id: workspaceId },
    before: null,
    after: { added, removed },
    ...denialOf(null),
    createdAt,
  };
}
