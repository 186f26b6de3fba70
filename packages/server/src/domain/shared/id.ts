import { typeid } from 'typeid-js';

type IdPrefix =
  | 'acc'
  | 'ins'
  | 'inv'
  | 'key'
  | 'link'
  | 'log'
  | 'rcpt'
  | 'req'
  | 'role'
  | 'ses'
  | 'usr'
  | 'ws';

/** A new id such as `key_01j…`: its kind, then a UUIDv7, so that ids sort by their creation time. */
export function newId(prefix: IdPrefix): string {
  return typeid(prefix).toString();
}
