import type { Page, PageRequest } from '../shared/page.ts';
import type { Session } from './session.ts';

/** Who is signed in. Rows that something else has edited are not found. */
export interface SessionStore {
  insert(session: Session, digest: string): Promise<void>;

  /** The one look-up that crosses workspaces: whoever holds the token is signed in. Null on a miss; what is over is found. */
  findByDigest(digest: string): Promise<Session | null>;

  /** The newest first, those that are over too. */
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

  /** Ends it for ever. False where this user has no such session here. */
  remove(workspaceId: string, userId: string, sessionId: string): Promise<boolean>;

  /** Forgets what expired before `now` or was seen last before `seenBefore`, and returns how many that were. */
  purge(now: number, seenBefore: number): Promise<number>;
}
