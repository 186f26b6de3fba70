import type { ApiKeyBody } from '@latchkey/contract';
import type { KeyCheck } from '../resources/keys.ts';
import type { Verdict } from '../verdict.ts';

/** What a route needs from the key of a request, and where the key is. */
export interface RequireKeyOptions {
  /** The key must have all of these permissions; none by default. */
  readonly permissions?: readonly string[];
  /** The quota that an allowed request takes; 1 by default, up to 1,000,000. */
  readonly cost?: number;
  /** The header whose whole value is the key, such as `X-API-Key`. By default `Authorization: Bearer <key>`. */
  readonly header?: string;
  /**
   * What happens to a request with a key that Latchkey cannot verify in time. `deny`, the default, answers 503. `allow` lets
   * the request pass, marks it with `apiKeyUnverified`, and leaves `apiKey` undefined.
   */
  readonly whenUnavailable?: 'deny' | 'allow';
}

/** The part of a `Latchkey` client that verifies keys. */
export interface KeyVerifier {
  readonly keys: { verifyMany(checks: readonly KeyCheck[]): Promise<Verdict[]> };
}

const NAMES: ReadonlySet<string> = new Set(['permissions', 'cost', 'header', 'whenUnavailable']);
const COST_MAX = 1_000_000;

/**
 * Throws TypeError for options that do not mean what they seem to, so that a misspelled option stops the start instead of
 * opening a route.
 */
export function requireValidOptions(latchkey: KeyVerifier, options: RequireKeyOptions): void {
  if (typeof latchkey?.keys?.verifyMany !== 'function')
    throw new TypeError('the first argument must be a Latchkey client');
  if (typeof options !== 'object' || options === null)
    throw new TypeError('the options of requireKey must be an object');
  for (const name of Object.keys(options))
    if (!NAMES.has(name))
      throw new TypeError(`requireKey has no option ${name}: use ${[...NAMES].join(', ')}`);
  const { permissions = [], cost = 1, header = 'authorization', whenUnavailable = 'deny' } = options;
  if (!Array.isArray(permissions) || !permissions.every(isPermission))
    throw new TypeError('permissions must be a list of names such as calls:read');
  if (!Number.isInteger(cost) || cost < 0 || cost > COST_MAX)
    throw new TypeError(`cost must be a whole number from 0 to ${COST_MAX}`);
  if (typeof header !== 'string' || !/^[\w-]+$/.test(header))
    throw new TypeError('header must be the name of a header');
  if (whenUnavailable !== 'deny' && whenUnavailable !== 'allow')
    throw new TypeError('whenUnavailable must be deny or allow');
}

function isPermission(name: unknown): boolean {
  return typeof name === 'string' && /^[a-z0-9-]+:[a-z0-9-]+$/.test(name);
}

interface DenyingOptions extends RequireKeyOptions {
  readonly whenUnavailable?: 'deny';
}

/** The key of a request that passed: with `whenUnavailable: 'allow'`, there may be none. */
export type KeyOf<Options extends RequireKeyOptions> = Options extends DenyingOptions
  ? ApiKeyBody
  : ApiKeyBody | undefined;
