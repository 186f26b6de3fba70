export { Latchkey, type LatchkeyOptions } from './client.ts';
export {
  LatchkeyConnectionError,
  LatchkeyError,
  type LatchkeyErrorCode,
  LatchkeyProtocolError,
} from './errors.ts';
export type { CreateOptions, DryRunOption, WaitOption } from './request.ts';
export type { Account } from './resources/account.ts';
export type { AuditLog, LogQuery } from './resources/audit-log.ts';
export type { Invitations } from './resources/invitations.ts';
export type {
  KeyChanges,
  KeyCheck,
  KeyQuestion,
  Keys,
  ListQuery,
  MintedKey,
  NewKey,
  UsageQuery,
} from './resources/keys.ts';
export type { Members } from './resources/members.ts';
export type { Permissions } from './resources/permissions.ts';
export type { Roles } from './resources/roles.ts';
export type { Sessions } from './resources/sessions.ts';
export type { Workspaces } from './resources/workspaces.ts';
export { type DeniedVerdict, LatchkeyDeniedError, type ValidVerdict, type Verdict } from './verdict.ts';
