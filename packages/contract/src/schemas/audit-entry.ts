import { type Static, Type } from 'typebox';
import {
  AUDIT_EVENT_TYPES,
  AUDIT_TARGET_KINDS,
  type AuditEventType,
  type AuditTargetKind,
} from '../audit-events.ts';
import { CallerKindSchema, Id, Nullable, Timestamp } from './primitives.ts';

export const AuditEventTypeSchema = Type.Unsafe<AuditEventType>({
  title: 'AuditEventType',
  type: 'string',
  enum: [...AUDIT_EVENT_TYPES],
});

const Facts = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    type: ['object', 'null'],
    additionalProperties: true,
    description,
  });

const Hash = Type.String({
  description: 'SHA-256 of the previous hash and this entry, in hexadecimal.',
});

const who = {
  id: Id,
  workspaceId: Id,
  eventType: AuditEventTypeSchema,
  actorId: Nullable(
    Type.String({ description: 'The user who made the change; null if the service itself did.' }),
  ),
  actorEmail: Nullable(Type.String({ description: "The actor's e-mail address at that time." })),
  createdAt: Timestamp,
};

const what = {
  sequence: Type.Integer({
    minimum: 1,
    description: 'The position in the hash chain of the workspace, without gaps.',
  }),
  hash: Hash,
  credential: Type.Object({
    kind: CallerKindSchema,
    keyId: Nullable(Type.String()),
    sessionId: Type.Optional(Type.String({ description: 'Only if the credential is a session.' })),
  }),
  address: Nullable(Type.String({ description: 'The IP address of the caller.' })),
  agent: Nullable(Type.String({ description: 'The User-Agent of the client.' })),
  requestId: Nullable(Type.String()),
  target: Type.Object({
    kind: Type.Unsafe<AuditTargetKind>({ type: 'string', enum: [...AUDIT_TARGET_KINDS] }),
    id: Type.String(),
  }),
  before: Facts('The changed fields with their values before the change; null if the object did not exist.'),
  after: Facts('The changed fields with their values after the change; null if the object no longer exists.'),
  refusal: Nullable(Type.String({ description: 'The error code of a denied call.' })),
};

/** An entry of the audit log in lists. */
export const LogEntry = Type.Object(
  {
    ...who,
    eventDescription: Type.String({ description: 'For people.' }),
    metadata: Type.Object(what),
  },
  { title: 'LogEntry' },
);

/** An entry of the audit log in exports. Its hash covers these fields. */
export const AuditRecord = Type.Object({ ...who, ...what }, { title: 'AuditRecord' });

export type LogEntryBody = Static<typeof LogEntry>;
