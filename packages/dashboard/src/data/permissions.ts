import type {
  ApiKeyBody,
  listPermissions,
  MemberBody,
  Permission,
  ResultOf,
  RoleBody,
} from '@latchkey/contract';

export type CatalogueEntry = ResultOf<typeof listPermissions>['permissions'][number];

/** A resource of the catalogue with its permissions, in catalogue order. */
export interface Resource {
  readonly id: string;
  /** For people: `Phone numbers`. */
  readonly title: string;
  readonly entries: readonly CatalogueEntry[];
}

export function resourcesOf(catalogue: readonly CatalogueEntry[]): readonly Resource[] {
  const groups = Map.groupBy(catalogue, ({ resource }) => resource);
  return [...groups].map(([id, entries]) => ({ id, title: entries[0]?.title.split(':')[0] ?? id, entries }));
}

/** `recording-download` as `recording download`. */
export const actionText = (action: string): string => action.replaceAll('-', ' ');

/** Does the permission only read? The same rule makes the role Viewer. */
export const isRead = (permission: Permission): boolean => /[:-]read$/.test(permission);

const SHOWN = 2;

/** A set of permissions in a few words: `All`, `Read only`, or its largest resources: `Calls, Analytics +5`. */
export function summaryOf(permissions: readonly Permission[], resources: readonly Resource[]): string {
  const held = new Set(permissions);
  const all = resources.flatMap(({ entries }) => entries.map(({ id }) => id));
  if (all.length > 0 && all.every((id) => held.has(id))) return 'All';
  const reads = all.filter(isRead);
  if (permissions.length === reads.length && reads.length > 0 && permissions.every(isRead))
    return 'Read only';
  const sized = resources
    .map(({ title, entries }) => ({ title, size: entries.filter(({ id }) => held.has(id)).length }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size);
  const named = sized
    .slice(0, SHOWN)
    .map(({ title }) => title)
    .join(', ');
  return sized.length > SHOWN ? `${named} +${sized.length - SHOWN}` : named;
}

/** The permissions of the key that the role of its owner does not have; none if the role is not known. */
export function exceedingOf(
  { userId, permissions }: ApiKeyBody,
  members: readonly MemberBody[],
  roles: readonly RoleBody[],
): readonly Permission[] {
  const owner = members.find((member) => member.userId === userId);
  const role = roles.find(({ id }) => id === owner?.roleId);
  if (!role) return [];
  const held = new Set(role.permissions);
  return permissions.filter((permission) => !held.has(permission));
}
