import type { MemberBody } from '@latchkey/contract';
import type { CatalogueEntry } from '../../data/permissions.ts';
import type { CreateSearch } from '../../data/search-parameters.ts';
import type { Draft, Expiry } from './draft.ts';

const EXPIRY_DEFAULT: Expiry = { days: 90 };

/** A form that a link filled, and the values of the link that it could not take. */
export interface LinkedDraft {
  readonly draft: Draft;
  readonly isFromLink: boolean;
  readonly ignored: readonly string[];
}

interface Known {
  readonly userId: string;
  readonly members: readonly MemberBody[];
  readonly catalogue: readonly CatalogueEntry[];
}

export function draftOfLink(search: CreateSearch, { userId, members, catalogue }: Known): LinkedDraft {
  const ignored: string[] = [];
  const known = new Set(catalogue.map(({ id }) => id));
  const asked =
    search.permissions
      ?.split(',')
      .map((one) => one.trim())
      .filter(Boolean) ?? [];
  ignored.push(...asked.filter((one) => !known.has(one)));
  const owner =
    search.owner === undefined
      ? undefined
      : members.find((one) => [one.userId, one.email].includes(search.owner ?? ''));
  if (search.owner !== undefined && !owner) ignored.push(search.owner);
  const expiry = expiryOf(search.expires);
  if (expiry === null) ignored.push(search.expires ?? '');
  const draft: Draft = {
    name: search.name ?? '',
    ownerId: owner?.userId ?? userId,
    expiry: expiry ?? EXPIRY_DEFAULT,
    perMinute: '',
    perDay: '',
    preset: asked.length > 0 ? 'custom' : (search.preset ?? 'none'),
    custom: new Set(asked.filter((one) => known.has(one))),
  };
  const { preset: _, ...values } = search;
  return { draft, isFromLink: Object.keys(values).length > 0, ignored };
}

function expiryOf(text: string | undefined): Expiry | null {
  if (text === undefined) return EXPIRY_DEFAULT;
  if (text === 'never') return 'never';
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1];
  return days === undefined ? null : { days: Number(days) };
}
