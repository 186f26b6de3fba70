import type { ApiKeyBody, DenialCode } from '@latchkey/contract';
import { expectTypeOf, test } from 'vitest';
import type { Verdict } from './verdict.ts';

test('valid narrows the verdict: a valid one has a key, and a denied one the code of a denial', () => {
  const narrow = (verdict: Verdict): void => {
    expectTypeOf(verdict.apiKey).toEqualTypeOf<ApiKeyBody | undefined>();
    if (verdict.valid) {
      expectTypeOf(verdict.apiKey).toEqualTypeOf<ApiKeyBody>();
      expectTypeOf(verdict.code).toEqualTypeOf<'VALID'>();
    } else {
      expectTypeOf(verdict.code).toEqualTypeOf<DenialCode>();
    }
  };
  expectTypeOf(narrow).toBeFunction();
});
