import type { AuditStore } from '../../domain/audit/audit-store.ts';
import type {
  CallerContext,
  CallerContexts,
  CredentialName,
  StoredCredential,
} from '../../domain/tenancy/caller-context.ts';
import type { MemberStore } from '../../domain/tenancy/member.ts';
import type { OwnedKeys, OwnedSessions } from '../../domain/tenancy/member-credentials.ts';
import type { WorkspaceStore } from '../../domain/tenancy/workspace.ts';
import type { TransactionCache } from '../transaction-cache.ts';

interface ContextStores {
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
  readonly ownedKeys: OwnedKeys;
  readonly ownedSessions: OwnedSessions;
  readonly audit: AuditStore;
}

export class SqlCallerContexts implements CallerContexts {
  readonly #stores: ContextStores;
  readonly #cache: TransactionCache | null;

  constructor(stores: ContextStores, cache: TransactionCache | null) {
    this.#stores = stores;
    this.#cache = cache;
  }

  async load(workspaceId: string, userId: string, credential: CredentialName): Promise<CallerContext> {
    const { keyId, secretDigest = null, sessionId } = credential;
    const read = () => this.#read(workspaceId, userId, credential);
    // Without sessions, since the end of a session is not an invalidation.
    const cache = keyId === null && sessionId !== undefined ? null : this.#cache;
    const name = ['caller', workspaceId, userId, keyId, secretDigest].join(' ');
    // The head first, since an engine with several writers locks it, and what is read before a lock may be outdated.
    const head = this.#stores.audit.head(workspaceId);
    const [context] = await Promise.all([cache ? cache.recall(name, read, keyId) : read(), head]);
    return context;
  }

  async #read(workspaceId: string, userId: string, name: CredentialName): Promise<CallerContext> {
    const { workspaces, members } = this.#stores;
    const [workspace, member, credential] = await Promise.all([
      workspaces.find(workspaceId),
      members.find(workspaceId, userId),
      this.#credential(workspaceId, name),
    ]);
    return { workspace, member, credential };
  }

  async #credential(
    workspaceId: string,
    { keyId, secretDigest, sessionId }: CredentialName,
  ): Promise<StoredCredential | null> {
    const { ownedKeys, ownedSessions } = this.#stores;
    if (keyId !== null) {
      const key = await ownedKeys.calling(workspaceId, keyId, secretDigest ?? null);
      return key && { kind: 'key', key };
    }
    if (sessionId === undefined) return { kind: 'none' };
    const session = await ownedSessions.calling(workspaceId, sessionId);
    return session && { kind: 'session', session };
  }
}
