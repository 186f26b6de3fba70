/**
 * Every type of audit log entry, with its description for people. The list is closed: the service cannot record, and
 * therefore cannot make, a change whose type is not listed here.
 */
export const AUDIT_EVENTS = {
  'workspace.founded': 'The service was set up with this workspace',
  'workspace.created': 'A workspace was created',
  'workspace.updated': 'The workspace was changed',
  'workspace.deleted': 'The workspace was deleted',
  'api-key.created': 'An API key was created',
  'api-key.updated': 'An API key was changed',
  'api-key.rotated': 'An API key was given a new secret',
  'api-key.old-secret-ended': 'The old secret of an API key was ended',
  'api-key.revoked': 'An API key was revoked',
  'catalogue.changed': 'The permission catalogue of the service was changed',
  'role.created': 'A role was created',
  'role.updated': 'A role was changed',
  'role.deleted': 'A role was deleted',
  'member.added': 'A member was added',
  'member.claimed': 'An account claimed a member as its own',
  'member.identity-linked': 'A member was recognised by the identity provider',
  'member.role-changed': 'A member was given another role',
  'member.suspended': 'A member was suspended',
  'member.reactivated': 'A suspended member was brought back',
  'member.removed': 'A member was removed',
  'member.recovered': 'The operator gave an owner a new key on the host',
  'invitation.created': 'A person was invited',
  'invitation.revoked': 'An invitation was withdrawn',
  'invitation.accepted': 'An invitation was accepted',
  'sign-in-link.created': 'A sign-in link was made',
  'sign-in-link.replaced': 'An open sign-in link was replaced by a new one',
  'session.opened': 'A member signed in',
  'session.ended': 'A member signed out',
  'call.denied': 'A call was denied',
  'audit.trimmed': 'The oldest entries of the audit log were removed',
} as const satisfies Record<string, string>;

export type AuditEventType = keyof typeof AUDIT_EVENTS;

export const AUDIT_EVENT_TYPES = Object.keys(AUDIT_EVENTS) as readonly AuditEventType[];

/** The kinds of object that an entry can be about. */
export const AUDIT_TARGET_KINDS = [
  'workspace',
  'api-key',
  'role',
  'member',
  'invitation',
  'sign-in-link',
  'session',
  'call',
  'audit-log',
] as const;

export type AuditTargetKind = (typeof AUDIT_TARGET_KINDS)[number];
