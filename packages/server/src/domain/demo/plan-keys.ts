import type { RateLimit } from '../shared/caller.ts';
import { type DemoPerson, FOUNDER, keyNames, LEAVER, LEFT_DAYS_AGO, PEOPLE } from './people.ts';
import type { Random } from './random.ts';

/** With the founder's first key and those of `childSteps`, 200 keys are not revoked in the end. */
const UNREVOKED = 195;
const REVOKED = 14;
const OF_LEAVER = 8;

/** What becomes of a key: nothing, or it is disabled or revoked some days before the end of the history. */
type Fate = 'lives' | 'disabled' | 'revoked';

/** A key of the history. Days count back from its end. */
export interface KeyPlan {
  readonly name: string;
  readonly owner: string;
  readonly createdDaysAgo: number;
  /** In how many days from the end it expires, negative if it has expired; null: never. */
  readonly expiresInDays: number | null;
  readonly rateLimit: RateLimit;
  readonly set: 'read' | 'some' | 'all';
  readonly fate: Fate;
  /** How many days before the end it was disabled or revoked. */
  readonly endedDaysAgo: number;
  /** How many days before the end it was rotated; null: never. The old secret works for a day. */
  readonly rotatedDaysAgo: number | null;
  /** Allowed verdicts an hour, at noon; 0: it is not used. */
  readonly perHour: number;
  /** Some of its calls are denied. */
  readonly isDenied: boolean;
}

const LIMITS: readonly RateLimit[] = [
  { requestsPerMinute: 600, requestsPerDay: 100_000 },
  { requestsPerMinute: 60, requestsPerDay: null },
  { requestsPerMinute: 1_200, requestsPerDay: 500_000 },
  { requestsPerMinute: null, requestsPerDay: null },
];

/** The plan of every key. */
export function planKeys(random: Random): KeyPlan[] {
  const owners = [...PEOPLE, { name: FOUNDER, role: 'Owner', joinedDaysAgo: 118 }];
  const names = keyNames(OF_LEAVER + UNREVOKED + REVOKED);
  return names.map((name, index) => {
    if (index < UNREVOKED + REVOKED) return planKey(name, index, random.pick(owners), random);
    return { ...planKey(name, index, LEAVER, random), fate: 'lives', rotatedDaysAgo: null };
  });
}

function planKey(name: string, index: number, owner: DemoPerson, random: Random): KeyPlan {
  const latest = owner === LEAVER ? LEFT_DAYS_AGO + 1 : 0.2;
  const createdDaysAgo = latest + random.next() * (owner.joinedDaysAgo - latest - 1);
  const fate: Fate =
    index % 15 === 4 && index < 15 * REVOKED ? 'revoked' : index % 25 === 7 ? 'disabled' : 'lives';
  const isUsed = index % 9 !== 5;
  return {
    name,
    owner: owner.name,
    createdDaysAgo,
    expiresInDays: expiryOf(index, createdDaysAgo, random),
    rateLimit: random.pick(LIMITS),
    set: random.pick(['read', 'some', 'some', 'all'] as const),
    fate,
    endedDaysAgo: createdDaysAgo * (0.1 + 0.5 * random.next()),
    rotatedDaysAgo: rotationOf(index, createdDaysAgo),
    perHour: isUsed ? Math.round(10 ** (0.5 + 2.7 * random.next())) : 0,
    isDenied: isUsed && random.chance(0.25),
  };
}

function expiryOf(index: number, createdDaysAgo: number, random: Random): number | null {
  if (index % 20 === 11) return -createdDaysAgo * (0.05 + 0.5 * random.next());
  if (index % 17 === 6) return 1 + random.below(13);
  return index % 3 === 0 ? null : 30 + random.below(300);
}

function rotationOf(index: number, createdDaysAgo: number): number | null {
  if (index % 40 === 0) return Math.min(0.3, createdDaysAgo / 2);
  return index % 12 === 2 ? createdDaysAgo / 2 : null;
}
