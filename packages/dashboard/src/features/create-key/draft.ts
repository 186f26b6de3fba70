import type { Permission } from '@latchkey/contract';
import type { NewKey } from '@latchkey/sdk';
import { isRead } from '../../data/permissions.ts';
import { DAY_MS } from '../../ui/time.ts';

export type Preset = 'none' | 'read' | 'same' | 'custom';
/** Days until the expiry, a date in milliseconds, or no expiry. */
export type Expiry = { readonly days: number } | { readonly date: number } | 'never';

/** What the form holds. */
export interface Draft {
  readonly name: string;
  readonly ownerId: string;
  readonly expiry: Expiry;
  /** Digits, or empty for no limit. */
  readonly perMinute: string;
  readonly perDay: string;
  readonly preset: Preset;
  /** What was chosen by hand. It is kept while a preset is tried. */
  readonly custom: ReadonlySet<Permission>;
}

/** The time of the expiry, from the time at which the form was opened; null: never. */
export function expiresAt(expiry: Expiry, openedAt: number): number | null {
  if (expiry === 'never') return null;
  return 'date' in expiry ? expiry.date : openedAt + expiry.days * DAY_MS;
}

/** The permissions that the draft chooses of those that may be given, in their order. */
export function chosenOf({ preset, custom }: Draft, held: ReadonlySet<Permission>): ReadonlySet<Permission> {
  if (preset === 'none') return new Set();
  if (preset === 'same') return held;
  if (preset === 'read') return new Set([...held].filter(isRead));
  return new Set([...custom].filter((permission) => held.has(permission)));
}

/** The problem of a limit; null if it is empty or a positive integer. */
export function limitProblem(text: string): string | null {
  return text === '' || /^[1-9]\d{0,9}$/.test(text) ? null : 'A whole number from 1, or empty for no limit.';
}

/** The body of the call that creates the key. */
export function newKeyOf(draft: Draft, permissions: ReadonlySet<Permission>, openedAt: number): NewKey {
  const at = expiresAt(draft.expiry, openedAt);
  const limit = (text: string) => (text === '' ? null : Number(text));
  return {
    name: draft.name.trim(),
    userId: draft.ownerId,
    expiresAt: at === null ? null : new Date(at).toISOString(),
    rateLimit: { requestsPerMinute: limit(draft.perMinute), requestsPerDay: limit(draft.perDay) },
    permissions: [...permissions],
  };
}
