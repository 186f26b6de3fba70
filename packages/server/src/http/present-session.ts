import type { SessionBody } from '@latchkey/contract';
import type { Session } from '../domain/sessions/session.ts';
import { presentInstant } from './present-instant.ts';

export function presentSession(session: Session, currentId: string | undefined): SessionBody {
  const { id, workspaceId, userId, createdAt, lastSeenAt, expiresAt, address, agent } = session;
  return {
    id,
    workspaceId,
    userId,
    createdAt: presentInstant(createdAt),
    lastSeenAt: presentInstant(lastSeenAt),
    expiresAt: presentInstant(expiresAt),
    address,
    agent,
    isCurrent: id === currentId,
  };
}
