import type { AuditStore } from '../domain/audit/audit-store.ts';
import type { DeniedCalls } from '../domain/audit/denied-calls.ts';
import type { KeyStore } from '../domain/keys/key-store.ts';
import type { KeyStores } from '../domain/keys/key-stores.ts';
import type { Clock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { Verifier } from '../domain/verification/verifier.ts';

/** What the routes work with. */
export interface Services {
  readonly unitOfWork: UnitOfWork<KeyStores>;
  /** For reading outside a transaction. */
  readonly keys: KeyStore;
  readonly audit: AuditStore;
  readonly deniedCalls: DeniedCalls;
  readonly verifier: Verifier;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Resolves where the service can answer; else throws UNAVAILABLE. */
  requireReady(): Promise<void>;
}
