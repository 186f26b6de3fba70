import { accountStoreSuite } from './account-store.suite.ts';
import { auditStoreSuite } from './audit-store.suite.ts';
import { callerContextsSuite } from './caller-contexts.suite.ts';
import { changeFeedSuite } from './change-feed.suite.ts';
import { dayQuotaStoreSuite } from './day-quota-store.suite.ts';
import { descentStoreSuite } from './descent-store.suite.ts';
import { idempotencyStoreSuite } from './idempotency-store.suite.ts';
import { identityStoreSuite } from './identity-store.suite.ts';
import { invitationStoreSuite } from './invitation-store.suite.ts';
import { keyStoreSuite } from './key-store.suite.ts';
import { memberStoreSuite } from './member-store.suite.ts';
import { ownedKeysSuite } from './owned-keys.suite.ts';
import { permissionStoreSuite } from './permission-store.suite.ts';
import { roleStoreSuite } from './role-store.suite.ts';
import { sessionStoreSuite } from './session-store.suite.ts';
import { signInLinkStoreSuite } from './sign-in-link-store.suite.ts';
import type { OpenSuiteDatabase } from './suite-database.ts';
import { unitOfWorkSuite } from './unit-of-work.suite.ts';
import { usageStoreSuite } from './usage-store.suite.ts';
import { workspaceStoreSuite } from './workspace-store.suite.ts';

/** The contracts of all storage ports. An engine that passes them can be used by the service. */
export function storageSuite(open: OpenSuiteDatabase): void {
  workspaceStoreSuite(open);
  roleStoreSuite(open);
  memberStoreSuite(open);
  invitationStoreSuite(open);
  keyStoreSuite(open);
  ownedKeysSuite(open);
  permissionStoreSuite(open);
  sessionStoreSuite(open);
  signInLinkStoreSuite(open);
  idempotencyStoreSuite(open);
  dayQuotaStoreSuite(open);
  accountStoreSuite(open);
  auditStoreSuite(open);
  callerContextsSuite(open);
  usageStoreSuite(open);
  identityStoreSuite(open);
  descentStoreSuite(open);
  unitOfWorkSuite(open);
  changeFeedSuite(open);
}
