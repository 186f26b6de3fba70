import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListeningService, startListeningService } from '../harness/listening-service.ts';
import type { RawAnswer } from '../harness/raw-http.ts';

const KEYS = '/api/v2/api-keys';

let service: ListeningService;

beforeAll(async () => {
  service = await startListeningService();
});
afterAll(() => service.close());

async function create(fields: object): Promise<RawAnswer> {
  const body = JSON.stringify({ name: 'value', userId: service.owner.userId, ...fields });
  return service.request({ method: 'POST', target: KEYS, body });
}

async function expectRejected(fields: object, code: string, field: string): Promise<void> {
  const before = await service.state();
  const { status, body } = await create(fields);
  expect([status, body.data.error?.code], JSON.stringify(body)).toEqual([400, code]);
  expect(body.data.error.details[0].field).toBe(field);
  expect(await service.state()).toBe(before);
}

const NO_DATE = 'VALIDATION_FAILED';
const PAST = 'EXPIRES_IN_PAST';

/** Values for expiresAt and their results, when the clock is at 2026-11-23T09:00:00.000Z. */
const DATES: readonly [sent: unknown, verdict: string | null, why: string][] = [
  [null, null, 'never'],
  ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z', 'RFC 3339 in UTC'],
  ['2027-01-31T12:00:00.5Z', '2027-01-31T12:00:00.500Z', 'tenths'],
  ['2027-01-31T12:00:00.25Z', '2027-01-31T12:00:00.250Z', 'hundredths'],
  ['2027-01-31T12:00:00.125Z', '2027-01-31T12:00:00.125Z', 'milliseconds'],
  ['2027-01-31T12:00:00.123456+00:00', '2027-01-31T12:00:00.123Z', 'microseconds are cut'],
  ['2027-01-31T12:00:00.999999999Z', '2027-01-31T12:00:00.999Z', 'nanoseconds are cut'],
  ['2026-11-23T09:00:00.000999Z', PAST, 'cut to now'],
  ['2027-01-31t12:00:00z', '2027-01-31T12:00:00.000Z', 'lower case, as RFC 3339 allows'],
  ['2027-01-31T12:00:00+01:00', '2027-01-31T11:00:00.000Z', 'a zone east'],
  ['2027-01-31T12:00:00-05:30', '2027-01-31T17:30:00.000Z', 'a zone west with minutes'],
  ['2027-01-31T00:30:00+01:00', '2027-01-30T23:30:00.000Z', 'a zone that changes the day'],
  ['2027-01-31T12:00:00+00:00', '2027-01-31T12:00:00.000Z', 'zero as a zone'],
  ['2027-01-31T12:00:00-00:00', '2027-01-31T12:00:00.000Z', 'the unknown zone of RFC 3339'],
  ['2027-01-31T12:00:00+14:00', '2027-01-30T22:00:00.000Z', 'the easternmost zone'],
  ['2027-01-31T12:00:00-14:00', '2027-02-01T02:00:00.000Z', 'as far west'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z', 'a date alone'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z', 'a leap day'],
  ['2400-02-29T00:00:00Z', '2400-02-29T00:00:00.000Z', 'a leap day of a century that has one'],
  ['2026-11-23T09:00:00.001Z', '2026-11-23T09:00:00.001Z', 'one millisecond ahead'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z', 'the last instant there is'],
  ['2026-11-23T09:00:00.000Z', PAST, 'now is not the future'],
  ['2026-11-23T10:00:00+01:00', PAST, 'now in another zone'],
  ['2026-11-23', PAST, 'today began before now'],
  ['2026-11-22', PAST, 'yesterday'],
  ['1970-01-01T00:00:00Z', PAST, 'the first instant there is'],
  ['2000-02-29', PAST, 'a leap day that was'],
  ['1969-12-31T23:59:59.999Z', NO_DATE, 'before the first'],
  ['1970-01-01T00:00:00+00:01', NO_DATE, 'before the first by its zone'],
  ['9999-12-31T23:59:59-00:01', NO_DATE, 'after the last by its zone'],
  ['0000-01-01', NO_DATE, 'year 0'],
  ['10000-01-01', NO_DATE, 'five digits'],
  ['+010000-01-01T00:00:00Z', NO_DATE, 'the extended years of ECMAScript'],
  ['-000001-01-01T00:00:00Z', NO_DATE, 'before Christ'],
  ['27-01-31', NO_DATE, 'two digits'],
  ['2027-02-29', NO_DATE, 'no leap year'],
  ['2100-02-29', NO_DATE, 'a century without a leap day'],
  ['2027-02-30', NO_DATE, 'would roll over into March'],
  ['2027-04-31T00:00:00Z', NO_DATE, 'would roll over into May'],
  ['2027-13-01', NO_DATE, 'month 13'],
  ['2027-00-10', NO_DATE, 'month 0'],
  ['2027-01-00', NO_DATE, 'day 0'],
  ['2027-01-32', NO_DATE, 'day 32'],
  ['2027-01-31T24:00:00Z', NO_DATE, '24:00'],
  ['2027-01-31T25:00:00Z', NO_DATE, 'hour 25'],
  ['2027-01-31T12:60:00Z', NO_DATE, 'minute 60'],
  ['2027-01-31T12:00:60Z', NO_DATE, 'second 60'],
  ['2026-12-31T23:59:60Z', NO_DATE, 'a leap second'],
  ['2027-01-31T12:00:00+14:01', NO_DATE, 'a zone too far east'],
  ['2027-01-31T12:00:00-23:59', NO_DATE, 'a zone too far west'],
  ['2027-01-31T12:00:00+01:60', NO_DATE, 'a zone with 60 minutes'],
  ['2027-01-31T12:00:00+0100', NO_DATE, 'a zone without a colon'],
  ['2027-01-31T12:00:00+01', NO_DATE, 'a zone without minutes'],
  ['2027-01-31T12:00:00', NO_DATE, 'no zone'],
  ['2027-01-31T12:00:00 Z', NO_DATE, 'a space before the zone'],
  ['2027-01-31 12:00:00Z', NO_DATE, 'a space for the T'],
  ['2027-01-31T12:00Z', NO_DATE, 'no seconds'],
  ['2027-01-31Z', NO_DATE, 'a date with a zone'],
  ['2027-01', NO_DATE, 'a month'],
  ['2027', NO_DATE, 'a year'],
  ['2027-1-31', NO_DATE, 'a month of one digit'],
  ['20270131', NO_DATE, 'basic format'],
  ['20270131T120000Z', NO_DATE, 'basic format with a time'],
  ['2027-W04-7', NO_DATE, 'a week date'],
  ['2027-031', NO_DATE, 'an ordinal date'],
  ['2027-01-31T12:00:00.Z', NO_DATE, 'a decimal point without digits'],
  ['2027-01-31T12:00:00,5Z', NO_DATE, 'a comma'],
  ['01/31/2027', NO_DATE, 'American'],
  ['31.01.2027', NO_DATE, 'German'],
  ['Sun, 31 Jan 2027 12:00:00 GMT', NO_DATE, 'a date of HTTP'],
  ['2027-01-31T12:00:00[Europe/Berlin]', NO_DATE, 'a zone by name'],
  ['２０２７-01-31', NO_DATE, 'digits of full width'],
  ['٢٠٢٧-01-31', NO_DATE, 'Arabic digits'],
  ['2027‐01‐31', NO_DATE, 'typographic hyphens'],
  ['2027-01-31T12:00:00−05:00', NO_DATE, 'a typographic minus'],
  [' 2027-01-31', NO_DATE, 'a space before'],
  ['2027-01-31\n', NO_DATE, 'a line feed behind'],
  ['2027-01-31\u0000', NO_DATE, 'NUL behind'],
  ['P1Y', NO_DATE, 'a duration'],
  ['tomorrow', NO_DATE, 'a word'],
  ['never', NO_DATE, 'another word'],
  ['null', NO_DATE, 'null in quotes'],
  ['1', NO_DATE, 'a number in quotes'],
  ['1801396800', NO_DATE, 'seconds in quotes'],
  ['0', NO_DATE, 'zero in quotes'],
  ['-1', NO_DATE, 'minus one in quotes'],
  ['', NO_DATE, 'nothing'],
  ['2'.repeat(65), NO_DATE, 'longer than any date'],
  [1_801_396_800, NO_DATE, 'seconds'],
  [1_801_396_800_000, NO_DATE, 'milliseconds as a number'],
  [0, NO_DATE, 'zero'],
  [true, NO_DATE, 'true'],
  [['2027-01-31'], NO_DATE, 'a list'],
  [{ date: '2027-01-31' }, NO_DATE, 'an object'],
];

describe('expiresAt has a defined result for every format: no date rolls over, no time zone is guessed', () => {
  test.each(DATES)('%j → %j (%s)', async (sent, verdict) => {
    if (verdict === NO_DATE || verdict === PAST) {
      await expectRejected({ expiresAt: sent }, verdict, 'expiresAt');
    } else {
      const { status, body } = await create({ expiresAt: sent });
      expect(status).toBe(201);
      expect(body.data.result.apiKey.expiresAt).toBe(verdict);
    }
  });

  test('a key without expiresAt never expires, and reading the key returns the same value as creating it', async () => {
    const { body } = await create({});
    const { id, expiresAt } = body.data.result.apiKey;
    expect(expiresAt).toBeNull();
    const later = await service.request({ target: `${KEYS}/${id}` });
    expect(later.body.data.result.apiKey.expiresAt).toBeNull();
  });
});

/** Names that are accepted, and how they come back. */
const NAMES: readonly [sent: string, stored: string, why: string][] = [
  ['Billing worker', 'Billing worker', 'plain'],
  ['  two  words  ', 'two  words', 'trimmed outside, not inside'],
  ['\u00a0\u3000\ttabs and wide spaces\r\n', 'tabs and wide spaces', 'white space of all kinds around'],
  ['\ufeffmark', 'mark', 'a byte order mark in front'],
  ['Cafe\u0301', 'Café', 'NFD becomes NFC'],
  ['Café', 'Café', 'NFC stays'],
  ['\u1112\u1161\u11ab', '한', 'Hangul letters become a syllable'],
  ['\u212b', 'Å', 'the angstrom sign is a letter with a ring'],
  ['q\u0307\u0323', 'q\u0323\u0307', 'marks in canonical order'],
  ['ﬁ', 'ﬁ', 'no compatibility folding'],
  ['e\u0301'.repeat(100), 'é'.repeat(100), '100 code points once composed'],
  ['😀'.repeat(100), '😀'.repeat(100), '100 code points of two units each'],
  ['👨‍👩‍👧‍👦 family', '👨‍👩‍👧‍👦 family', 'an emoji family and its joiners'],
  ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'a flag made of tags'],
  ['مفتاح الفواتير', 'مفتاح الفواتير', 'right to left'],
  ['مفتاح key 3', 'مفتاح key 3', 'both directions'],
  ['नमस्ते', 'नमस्ते', 'combining vowels'],
  ['a\u0300\u0301\u0302\u0303\u0304', 'à\u0301\u0302\u0303\u0304', 'a stack of accents'],
  ['zero\u200bwidth', 'zero\u200bwidth', 'a zero-width space inside'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>', 'HTML is text'],
  ["'; DROP TABLE api_keys; --", "'; DROP TABLE api_keys; --", 'SQL is text'],
  ['=1+1', '=1+1', 'a formula is text'],
  ['100 % \\ _', '100 % \\ _', 'characters of LIKE'],
  ['\u0024{jndi:ldap://x}', '\u0024{jndi:ldap://x}', 'a look-up is text'],
  ['null', 'null', 'a word'],
  ['𐐷𝒳', '𐐷𝒳', 'beyond the basic plane'],
];

const BAD_NAMES: readonly [sent: unknown, why: string][] = [
  ['', 'nothing'],
  ['   ', 'white space'],
  ['\ufeff\u00a0', 'white space of other kinds'],
  ['x'.repeat(101), '101 code points'],
  ['😀'.repeat(101), '101 code points of two units each'],
  ['\u0958'.repeat(51), '102 code points once normalised'],
  ['x'.repeat(10_000), '10,000 code points'],
  ['a\u0000b', 'NUL'],
  ['a\u0007b', 'a bell'],
  ['a\tb', 'a tab inside'],
  ['a\nb', 'a line feed'],
  ['a\r\nSet-Cookie: x', 'a line break'],
  ['\u001b[31mred', 'an escape sequence'],
  ['a\u007fb', 'delete'],
  ['a\u0085b', 'a C1 control'],
  ['a\u2028b', 'a line separator'],
  ['a\u2029b', 'a paragraph separator'],
  ['a\u202eb', 'an override of direction'],
  ['a\u202ab', 'an embedding of direction'],
  ['a\u2066b', 'an isolate'],
  ['a\u200eb', 'a left-to-right mark'],
  ['a\u200fb', 'a right-to-left mark'],
  ['a\u061cb', 'an Arabic letter mark'],
  ['a\uffffb', 'a noncharacter'],
  ['a\ufdd0b', 'a noncharacter in the middle'],
  ['a\u{1fffe}b', 'a noncharacter of another plane'],
  [1, 'a number'],
  [null, 'null'],
  [['x'], 'a list'],
  [{ toString: 'x' }, 'an object'],
];

describe('a name is stored trimmed, in NFC, and is returned unchanged, or it is rejected', () => {
  test.each(NAMES)('%j is stored as %j (%s)', async (sent, stored) => {
    const { status, body } = await create({ name: sent });
    expect(status, JSON.stringify(body)).toBe(201);
    const { id, name } = body.data.result.apiKey;
    expect(name).toBe(stored);
    expect(name).toBe(name.normalize('NFC'));
    const later = await service.request({ target: `${KEYS}/${id}` });
    expect(later.body.data.result.apiKey.name).toBe(stored);
    const again = await create({ name: stored });
    expect(again.body.data.result.apiKey.name).toBe(stored);
  });

  test.each(BAD_NAMES)('%j is rejected, and nothing is created (%s)', async (sent) => {
    await expectRejected({ name: sent }, 'VALIDATION_FAILED', 'name');
  });

  test('an update judges names as a creation does', async () => {
    const { apiKey } = await service.createKey();
    const update = (name: string) =>
      service.request({ method: 'PATCH', target: `${KEYS}/${apiKey.id}`, body: JSON.stringify({ name }) });
    expect((await update('Cafe\u0301')).body.data.result.apiKey.name).toBe('Café');
    const before = await service.state();
    expect((await update('a\u202eb')).body.data.error.code).toBe('VALIDATION_FAILED');
    expect(await service.state()).toBe(before);
  });

  test('a log entry is one line without control characters, whatever the request contains', async () => {
    await create({ name: 'a\u2028\u001b[2Jb' });
    await service.request({ target: `${KEYS}?search=%0a%1b%5b2J%e2%80%a8` });
    for (const line of service.logs) expect(line).toMatch(/^[^\p{Cc}]+\n$/u);
  });
});
