import type { ApiKeyBody } from '@latchkey/contract';
import type { RequireKeyOptions } from './options.ts';

interface DenyingOptions extends RequireKeyOptions {
  readonly whenUnavailable?: 'deny';
}

/** The key of a request that passed: with `whenUnavailable: 'allow'`, there may be none. */
export type KeyOf<Options extends RequireKeyOptions> = Options extends DenyingOptions
  ? ApiKeyBody
  : ApiKeyBody | undefined;
