import type { Permission } from '@latchkey/contract';
import { actionText, isRead, type Resource } from '../../data/permissions.ts';
import { plural } from '../../ui/numbers.ts';

/** What a set of permissions means, in words. */
export interface InWords {
  readonly can: readonly string[];
  readonly cannot: string;
  /** The set can change who has access. */
  readonly changesAccess: boolean;
}

const ACCESS = /^(api-keys|members|roles):(?!read$)/;
const LINES_MAX = 6;

export function inWords(chosen: ReadonlySet<Permission>, resources: readonly Resource[]): InWords {
  const can: string[] = [];
  const entries = resources.flatMap((resource) => resource.entries.map((entry) => ({ ...entry, resource })));
  const held = entries.filter(({ id }) => chosen.has(id));
  const read = new Set(held.filter(({ id }) => isRead(id)).map(({ resource }) => resource.id));
  if (read.size > 0) can.push(`read ${plural(read.size, 'resource')}`);
  const byAction = Map.groupBy(
    held.filter(({ id }) => !isRead(id)),
    ({ action }) => action,
  );
  for (const [action, group] of byAction)
    can.push(`${actionText(action)} ${group.map(({ resource }) => resource.title.toLowerCase()).join(', ')}`);
  const shown =
    can.length > LINES_MAX ? [...can.slice(0, LINES_MAX), `and ${can.length - LINES_MAX} more`] : can;
  return { can: shown, cannot: cannotText(chosen), changesAccess: [...chosen].some((id) => ACCESS.test(id)) };
}

/** Always says something about deletes, keys, the keys of other members, and billing. */
function cannotText(chosen: ReadonlySet<Permission>): string {
  const ids = [...chosen];
  const missing = [
    !ids.some((id) => /[:-]delete$/.test(id)) && 'delete anything',
    !chosen.has('api-keys:write') && 'create keys',
    !chosen.has('api-keys:manage-others') && 'change the keys of other members',
    !ids.some((id) => id.startsWith('billing:')) && 'see billing',
  ].filter((text) => text !== false);
  const last = missing.pop();
  if (last === undefined) return '';
  return missing.length === 0 ? last : `${missing.join(', ')} or ${last}`;
}
