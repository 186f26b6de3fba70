import type { Endpoint } from '@latchkey/contract';

/** The URL of a call in the reference. */
export function referenceOf({ tag, id }: Endpoint): string {
  return `/docs#/${encodeURIComponent(tag)}/${id}`;
}
