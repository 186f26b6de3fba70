/** Returns the value of a header by its name in lower case; null if the request does not have it. */
export type HeaderReader = (name: string) => string | null;

/** The longest text that the service accepts as a key. A longer one would make it deny the whole batch. */
const KEY_LENGTH_MAX = 512;

const BEARER = /^Bearer +(\S+)$/i;
const KEY = /^[\x21-\x7e]+$/;

/** A key that a request presents, or why there is none. */
export type Presented =
  | { readonly key: string; readonly problem?: undefined }
  | { readonly key?: undefined; readonly problem: 'CREDENTIALS_MISSING' | 'KEY_INVALID' };

/**
 * Reads the key of a request from `header`, or as the bearer token. A header that was sent twice arrives as a list, and is
 * invalid.
 */
export function presentedKey(read: HeaderReader, header: string | undefined): Presented {
  const value = read((header ?? 'authorization').toLowerCase());
  if (value === null || value === '') return { problem: 'CREDENTIALS_MISSING' };
  if (header === undefined && !/^Bearer( |$)/i.test(value)) return { problem: 'CREDENTIALS_MISSING' };
  const key = header === undefined ? BEARER.exec(value)?.[1] : value;
  const isKey = key !== undefined && key.length <= KEY_LENGTH_MAX && KEY.test(key);
  return isKey ? { key } : { problem: 'KEY_INVALID' };
}
