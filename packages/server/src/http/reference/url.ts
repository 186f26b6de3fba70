import type { Endpoint } from '@latchkey/contract';

/** Where the reference describes a call. */
export function referenceOf({ tag, id }: Endpoint): string {
  return `/docs#/${encodeURIComponent(tag)}/${id}`;
}
