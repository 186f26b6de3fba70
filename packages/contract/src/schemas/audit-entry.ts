import { type Static, Type } from 'typebox';
import {
  AUDIT_EVENT_TYPES,
  AUDIT_TARGET_KINDS,
  type AuditEventType,
  type AuditTargetKind,
} from '../audit-events.ts';
import { CallerKindSchema } from './caller-kind.ts';
import { Id, Nullable, Timestamp } from './primitives.ts';

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
  description: 'SHA-256 over the hash before it and this entry, in hexadecimal.',
});

const who = {
  id: Id,
  workspaceId: Id,
  eventType: AuditEventTypeSchema,
  actorId: Nullable(Type.String({ description: 'The user who acted; null: the service itself.' })),
  actorEmail: Nullable(Type.String({ description: "The actor's address at that time." })),
  createdAt: Timestamp,
};

const what = {
  sequence: Type.Integer({
    minimum: 1,
    description: 'The place in the chain of the workspace, without gaps.',
  }),
  hash: Hash,
  credential: Type.Object({
    kind: CallerKindSchema,
    keyId: Nullable(Type.String()),
    sessionId: Type.Optional(Type.String({ description: 'Only where the credential is a session.' })),
  }),
  address: Nullable(Type.String({ description: 'Where the call came from.' })),
  agent: Nullable(Type.String({ description: 'What the client calls itself.' })),
  requestId: Nullable(Type.String()),
  target: Type.Object({
    kind: Type.Unsafe<AuditTargetKind>({ type: 'string', enum: [...AUDIT_TARGET_KINDS] }),
    id: Type.String(),
  }),
  before: Facts('The fields that changed, as they were; null where there was nothing before.'),
  after: Facts('The fields that changed, as they are since; null where there is nothing any more.'),
  refusal: Nullable(Type.String({ description: 'The error code of a call that was refused.' })),
};

/** An entry of the audit log, as lists show it. */
export const LogEntry = Type.Object(
  {
    ...who,
    eventDescription: Type.String({ description: 'For people.' }),
    metadata: Type.Object(what),
  },
  { title: 'LogEntry' },
);

/** An entry as the export has it and as its hash covers it. */
export const AuditRecord = Type.Object({ ...who, ...what }, { title: 'AuditRecord' });

export type LogEntryBody = Static<typeof LogEntry>;
