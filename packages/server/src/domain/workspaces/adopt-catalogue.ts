import { BUILT_IN_CATALOGUE, type Catalogue } from '@latchkey/contract';
import type { AuditDraft } from '../audit/entry.ts';
import { NO_ORIGIN } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { OperatorError } from '../shared/operator-error.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { CatalogueStores, LostPermission, RenewedRoles } from './permission-store.ts';

const NAMED_MAX = 5;

export interface AdoptionNeeds {
  readonly unitOfWork: UnitOfWork<CatalogueStores>;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

/**
 * Brings what is stored in line with the catalogue, before anything is answered by it. Permissions that it has lost are
 * retired and returned; the system roles get what it gives them. Throws OperatorError, and changes nothing, where the
 * built-in catalogue would retire something: that is a forgotten setting, and retiring cannot be taken back.
 */
export async function adoptCatalogue({
  unitOfWork,
  catalogue,
  clock,
}: AdoptionNeeds): Promise<readonly LostPermission[]> {
  return unitOfWork.transact(async ({ permissions, audit }) => {
    const now = clock.now();
    const lost = await permissions.lost();
    const names = lost.map(({ permission }) => permission);
    if (names.length > 0 && catalogue === BUILT_IN_CATALOGUE) throw forgotten(names);
    await permissions.retire(names, now);
    for (const renewed of await permissions.renewSystemRoles(now)) await audit.append(changed(renewed, now));
    return lost;
  });
}

function forgotten(names: readonly string[]): OperatorError {
  const few = names.slice(0, NAMED_MAX).join(', ');
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return new OperatorError(
    `the database uses permissions that are not built in: ${few}${more}. Set LATCHKEY_PERMISSIONS_FILE to the file that has them; to give them up for ever, to one that does not`,
  );
}

function changed({ workspaceId, added, removed }: RenewedRoles, createdAt: number): AuditDraft {
  return {
    ...NO_ORIGIN,
    workspaceId,
    eventType: 'catalogue.changed',
    actorId: null,
    credential: { kind: 'operator', keyId: null },
    target: { kind: 'workspace', id: workspaceId },
    before: null,
    after: { added, removed },
    refusal: null,
    createdAt,
  };
}
