import type { AuditEventType, AuditTargetKind, CallerKind, ErrorCode } from '@latchkey/contract';
import type { Caller, ClientInfo } from '../shared/caller.ts';

export interface AuditTarget {
  readonly kind: AuditTargetKind;
  readonly id: string;
}

/** Fields of an object as shown to people: JSON, and never a secret or a digest of one. */
export type Facts = Readonly<Record<string, unknown>>;

/** The content of an entry, before it has a place in the chain. */
export interface AuditDraft extends ClientInfo {
  readonly workspaceId: string;
  readonly eventType: AuditEventType;
  /** Null: the service itself. */
  readonly actorId: string | null;
  /** The actor's address, if the caller was read with it; left out: it is looked up. */
  readonly actorEmail?: string | null;
  readonly credential: {
    readonly kind: CallerKind;
    readonly keyId: string | null;
    /** Only when the credential is a session. */
    readonly sessionId?: string;
  };
  readonly target: AuditTarget;
  readonly before: Facts | null;
  readonly after: Facts | null;
  /** The error code of a denied call; null: the entry is about a change. */
  readonly refusal: string | null;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly createdAt: number;
}

/** An entry of the audit log. Nothing changes it; only retention removes it, with all entries before it. */
export interface AuditEntry extends AuditDraft {
  readonly id: string;
  /** Its place in the chain of its workspace: 1, 2, 3, … */
  readonly sequence: number;
  /** The actor's address at that time; null: there was no actor. */
  readonly actorEmail: string | null;
  /** Covers this entry and all entries before it. */
  readonly hash: string;
}

/** The fields of an entry that name the actor. */
export function actorOf(caller: Caller) {
  const { workspaceId, userId: actorId, email, kind, keyId, sessionId, client } = caller;
  const credential = { kind, keyId, ...(sessionId !== undefined && { sessionId }) };
  return { workspaceId, actorId, ...(email !== undefined && { actorEmail: email }), credential, ...client };
}

/** The field of an entry for the denial of a call; null: the entry is about a change. */
export const denialOf = (code: ErrorCode | null): Pick<AuditDraft, 'refusal'> => ({ refusal: code });
