import type { Page, PageRequest } from '../shared/page.ts';
import type { Session } from './session.ts';

/** The sessions of all members. Rows that were edited outside the service are not found. */
export interface SessionStore {
  insert(session: Session, digest: string): Promise<void>;

  /** The only look-up across workspaces: the token alone signs in. Null on a miss. Also finds expired sessions. */
  findByDigest(digest: string): Promise<Session | null>;

  /** The sessions of the user, the newest first, including expired ones. */
  list(workspaceId: string, userId: string): Promise<Session[]>;

  /** The newest first, those that expire after `now` and were last seen after `seenAfter`. */
  listLive(
    workspaceId: string,
    userId: string,
    live: { readonly now: number; readonly seenAfter: number },
    page: PageRequest,
  ): Promise<Page<Session>>;

  /** Moves `lastSeenAt` forward, never backward. Nothing happens where the session has ended. */
  recordSeen(sessionId: string, at: number): Promise<void>;

  /** Deletes the session. False when this user has no such session in the workspace. */
  remove(workspaceId: string, userId: string, sessionId: string): Promise<boolean>;

  /** Deletes the sessions that expired before `now` or were last seen before `seenBefore`; returns their number. */
  purge(now: number, seenBefore: number): Promise<number>;
}
