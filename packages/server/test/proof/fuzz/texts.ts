import type { FuzzRandom } from './fuzz-random.ts';

/**
 * Texts that often break programs. None of them matches the patterns of leaks in the oracle, since an answer may echo a text.
 */
const HOSTILE_TEXTS = [
  "' OR '1'='1' --",
  '"; DROP TABLE students; --',
  "1' UNION ALL --",
  '%\\_',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/proc/self/environ',
  '\u0024{jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '$(id)',
  '`id`',
  '| id',
  '%s%n%x',
  '=1+1',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'undefined',
  'null',
  'NaN',
  'true',
  '-1',
  '0',
  '1e400',
  '*',
  '{"$ne":null}',
  'http://169.254.169.254/',
] as const;

const WEIRD_UNICODE = [
  '\u0000',
  '\u0001\u001b[31m',
  '\r\nX-Injected: 1',
  '\u0085\u2028\u2029',
  '\u202eevil\u202c',
  '\u2066a\u2069',
  '\ufeff',
  '\u200b\u200d',
  'e\u0301',
  '\u0958\u0958',
  '\ufdd0\uffff',
  '👨‍👩‍👧‍👦',
  '\u{e0001}\u{e007f}',
  '\u{10ffff}',
  'İıſß',
  '한국어',
  '٣',
  '\u3000',
  'a\u0300'.repeat(60),
  '﷽'.repeat(20),
] as const;

const LENGTHS = [0, 1, 64, 65, 100, 101, 255, 256, 512, 513, 1_025, 9_000] as const;

export function hostileText(random: FuzzRandom): string {
  return random.pick(HOSTILE_TEXTS);
}

export function weirdUnicode(random: FuzzRandom): string {
  const text = random.pick(WEIRD_UNICODE);
  return random.chance(0.5) ? text : `a${text}b`;
}

export function longText(random: FuzzRandom): string {
  const unit = random.pick(['x', 'x', 'é', '😀', ' ', '"', '\\', '%']);
  return unit.repeat(random.pick(LENGTHS));
}

export function anyText(random: FuzzRandom): string {
  const roll = random.next();
  if (roll < 0.5) return hostileText(random);
  return roll < 0.85 ? weirdUnicode(random) : longText(random);
}

/** Every fixed text, for the test that none of them matches the oracle's patterns. */
export const FIXED_TEXTS: readonly string[] = [...HOSTILE_TEXTS, ...WEIRD_UNICODE];
