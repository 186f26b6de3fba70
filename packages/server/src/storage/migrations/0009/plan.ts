import { newId } from '../../../domain/shared/id.ts';
import type { OldLink, OldUser } from './tables.ts';

/** A person and a workspace that has rows about them. */
export interface Place {
  readonly user_id: string;
  readonly workspace_id: string;
}

interface Membership extends Place {
  readonly created_at: number;
}

export interface OldPeople {
  readonly users: readonly OldUser[];
  readonly links: readonly OldLink[];
  readonly memberships: readonly Membership[];
  /** All workspaces of each person: those of memberships first, the oldest first. May contain duplicates. */
  readonly places: readonly Place[];
}

/** A person in one workspace. */
export interface Person extends OldUser {
  readonly oldId: string;
  readonly workspaceId: string;
  readonly accountId: string | null;
  /** Gives the order of an account's members; null: not claimed. */
  readonly claimedAt: number | null;
}

export interface NewAccount {
  readonly id: string;
  readonly createdAt: number;
  /** The address of the identity; null: the person has left since. */
  readonly email: string | null;
  readonly links: readonly OldLink[];
}

export interface Plan {
  readonly people: readonly Person[];
  readonly accounts: readonly NewAccount[];
}

/**
 * The people and accounts after the migration. Each workspace gets a separate person. Linked identities become accounts: all
 * identities linked during a membership one account, which claims the members; each older one an account without members.
 */
export function planPeople({ users, links, memberships, places }: OldPeople): Plan {
  const placesOf = grouped(places, (place) => place.user_id);
  const joined = grouped(memberships, (membership) => membership.user_id);
  const linksOf = grouped(links, (link) => link.user_id);
  const plans = users.map((user) => {
    const since = Math.min(...(joined.get(user.id) ?? []).map(({ created_at }) => created_at));
    const accounts = accountsOf(user, linksOf.get(user.id) ?? [], since);
    const [account] = accounts;
    const people = peopleOf(user, placesOf.get(user.id) ?? [], account ?? null);
    return { people, accounts };
  });
  return {
    people: plans.flatMap(({ people }) => people),
    accounts: plans.flatMap(({ accounts }) => accounts),
  };
}

/** `since`: the start of the oldest membership; infinite if there is none. The account that claims comes first. */
function accountsOf(user: OldUser, links: readonly OldLink[], since: number): NewAccount[] {
  const present = links.filter(({ linked_at }) => since <= linked_at);
  const former = links.filter(({ linked_at }) => since > linked_at);
  const claiming = present.length === 0 ? [] : [account(user.email, present)];
  return [...claiming, ...former.map((link) => account(null, [link]))];
}

function account(email: string | null, links: readonly OldLink[]): NewAccount {
  return { id: newId('acc'), createdAt: links[0]?.linked_at ?? 0, email, links };
}

function peopleOf(user: OldUser, places: readonly Place[], owner: NewAccount | null): Person[] {
  const workspaces = [...new Set(places.map((place) => place.workspace_id))];
  return workspaces.map((workspaceId, index) => {
    const id = index === 0 ? user.id : newId('usr');
    // `places` are in the order in which the person joined.
    const claim = { accountId: owner?.id ?? null, claimedAt: owner && owner.createdAt + index };
    return { ...user, id, oldId: user.id, workspaceId, ...claim };
  });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
