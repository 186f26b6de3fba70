import type { Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { WorkspaceNeeds, WorkspaceStores } from '../tenancy/stores.ts';

/** The ways in which the owner of an account can sign in without a key. */
export interface SignInWays {
  /** People sign in at an identity provider, or send its tokens. */
  readonly hasProvider: boolean;
  /** The service mails sign-in links. */
  readonly hasMail: boolean;
}

/** The needs of a verb that can end keys. */
export interface ManagingKeyNeeds {
  readonly signInWays: SignInWays;
}

/** `WorkspaceNeeds` for verbs that can end keys. */
export interface KeyEndingNeeds extends WorkspaceNeeds, ManagingKeyNeeds {}

export interface ManagingKeyChange extends ManagingKeyNeeds {
  readonly workspaceId: string;
  readonly now: number;
  /** When the change ends keys; left out: `now`. */
  readonly endsAt?: number;
  /** Make the change even if no managing key is left. */
  readonly force: boolean | undefined;
}

type Stores = Pick<WorkspaceStores, 'members' | 'accounts' | 'ownedKeys'>;

/** What such a key holds. */
const MANAGES = 'api-keys:write';
/** Mail to this domain is never delivered (RFC 6761). The first owner has such an address by default. */
const UNREACHABLE = /\.localhost$/i;

/** Can keys be managed with a key that has these permissions? */
export function manages(permissions: readonly Permission[]): boolean {
  return permissions.includes(MANAGES);
}

/**
 * Runs a change that may end keys, in the transaction of the stores. Throws LAST_MANAGING_KEY if no active key with
 * `api-keys:write` is left although there was one, in a workspace where no account can sign in: then only the host has
 * access. With `force` there is no check.
 */
export async function keepManagingKey<T>(
  stores: Stores,
  { workspaceId, now, endsAt = now, force = false, signInWays }: ManagingKeyChange,
  change: () => Promise<T>,
): Promise<T> {
  const { ownedKeys } = stores;
  if (force || !(await ownedKeys.hasActiveWith(workspaceId, MANAGES, now))) return change();
  const result = await change();
  if (await ownedKeys.hasActiveWith(workspaceId, MANAGES, endsAt)) return result;
  if (await canAccountManage(stores, workspaceId, signInWays)) return result;
  throw new AppError('LAST_MANAGING_KEY');
}

/** Can the owner of an account sign in to this workspace, and make keys there? */
async function canAccountManage(
  { members, accounts }: Stores,
  workspaceId: string,
  { hasProvider, hasMail }: SignInWays,
): Promise<boolean> {
  if (!hasProvider && !hasMail) return false;
  for (const { accountId, permissions, email } of await members.listClaimed(workspaceId)) {
    if (accountId === null || !permissions.has(MANAGES)) continue;
    if (hasProvider && (await accounts.hasIdentity(accountId))) return true;
    if (!hasMail || UNREACHABLE.test(email)) continue;
    if ((await accounts.findByAddress(email))?.id === accountId) return true;
  }
  return false;
}
