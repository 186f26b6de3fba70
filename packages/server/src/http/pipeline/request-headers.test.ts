import { describe, expect, test } from 'vitest';
import { readExpectedVersions } from './request-headers.ts';

const read = (header?: string) => readExpectedVersions({ 'if-match': header });

describe('If-Match', () => {
  test.each([[undefined], ['*'], [' * ']])('%j asks for no version', (header) => {
    expect(read(header)).toBeUndefined();
  });

  test.each([
    ['"4"', [4]],
    ['"other", "4"', [4]],
    ['"3","4"\t, "5"', [3, 4, 5]],
    ['"a,b", "4"', [4]],
    [', "4", ,', [4]],
    ['W/"3", "4"', [4]],
    ['"", "4"', [4]],
    ['"ü", "4"', [4]],
  ])('%j asks for one of %j', (header, versions) => {
    expect(read(header)).toEqual(versions);
  });

  test.each(['', ',', '4', '"4', '"4" "5"', '"4"x', '"4", five', '"other"', 'W/"4"', '"4", *', '"-4"'])(
    '%j names no version of this API: 412',
    (header) => {
      expect(() => read(header)).toThrow(expect.objectContaining({ code: 'VERSION_MISMATCH' }) as Error);
    },
  );
});
