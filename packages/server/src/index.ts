export { type BackupRequest, backUp, type Restored, type RestoreRequest, restore } from './compose-backup.ts';
export { createDemo } from './compose-demo.ts';
export {
  type Copied,
  copyTo,
  type MigratedSchema,
  migrateSchema,
  pendingMigrations,
} from './compose-migrate.ts';
export {
  type AddedPepper,
  activatePepper,
  addPepper,
  describeLeft,
  type PepperState,
  pepperState,
  removePeppers,
} from './compose-pepper.ts';
export { type Config, loadConfig } from './config/config.ts';
export type { ConfigFlags } from './config/settings.ts';
export { diagnose, type Finding } from './diagnose.ts';
export type { KnownPlace, Tampering } from './domain/audit/chain-check.ts';
export {
  type ExportProblem,
  type ExportVerdict,
  verifyAuditExport,
} from './domain/audit/verify-audit-export.ts';
export type {
  BootstrapInput as Founding,
  Bootstrapped as Founded,
} from './domain/bootstrap/bootstrap-service.ts';
export { AppError } from './domain/shared/app-error.ts';
export { NotInitialised, OperatorError } from './domain/shared/operator-error.ts';
export { type HostSignInLink, type Recovered, recover, signInOnHost, systemOnHost } from './host-calls.ts';
export { generateBootstrapKey, initialise, isInitialised } from './initialise.ts';
export { readCatalogue } from './local-storage.ts';
export { type Service, startService } from './service.ts';
export { serveParent, type WorkerRole } from './worker-process.ts';
export { requireSharedDatabase, startWorkers } from './workers.ts';
