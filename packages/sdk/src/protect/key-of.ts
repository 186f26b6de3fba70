import type { ApiKeyBody } from '@latchkey/contract';
import type { RequireKeyOptions } from './options.ts';

/** The key of a request that passed: with `whenUnavailable: 'allow'`, there may be none. */
export type KeyOf<Options extends RequireKeyOptions> = Options extends { whenUnavailable?: 'deny' }
  ? ApiKeyBody
  : ApiKeyBody | undefined;
