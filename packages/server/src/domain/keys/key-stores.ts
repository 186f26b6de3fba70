import type { CallerStores } from '../access/authorized-change.ts';
import type { DescentStores } from '../access/end-descendants.ts';
import type { AuditStores } from '../audit/audit-store.ts';
import type { IdempotencyStore } from '../shared/idempotency-store.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { KeyStore } from './key-store.ts';

/** The stores that a change of keys reads and writes in one transaction. */
export interface KeyStores
  extends AuditStores,
    CallerStores,
    DescentStores,
    Pick<WorkspaceStores, 'accounts'> {
  readonly keys: KeyStore;
  readonly idempotency: IdempotencyStore;
}
