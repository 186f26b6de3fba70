/**
 * The sizes of each proof: a small one for `npm test` and a full one for `npm run proofs`. At the small size, a proof still
 * finds the fault that was injected to test it; the full size is for faults that are rarer.
 */
const SIZES = {
  AUDIT_CHANGES: { small: 100, full: 200 },
  AUDIT_TAMPERINGS: { small: 1_000, full: 10_000 },
  BACKUP_CYCLES: { small: 3, full: 50 },
  CEILING_CASES: { small: 10_000, full: 100_000 },
  CRASH_CYCLES: { small: 16, full: 300 },
  DESCENT_HISTORIES: { small: 30, full: 2_000 },
  EXPIRY_KEYS: { small: 2_000, full: 10_000 },
  FIRST_RUN_ROUNDS: { small: 10, full: 200 },
  FLOOD_SECONDS: { small: 4, full: 60 },
  FROZEN_CHANGES: { small: 100, full: 500 },
  FUZZ_REQUESTS: { small: 12_000, full: 100_000 },
  LARGEST_LIMIT: { small: 10_000, full: 100_000 },
  ORACLE_VERDICTS: { small: 10_000, full: 1_000_000 },
  ORDERLY_STOPS: { small: 5, full: 200 },
  OWNER_ROUNDS: { small: 200, full: 2_000 },
  PEOPLE_HISTORIES: { small: 20, full: 1_000 },
  REVOCATION_CHECKS: { small: 10_000, full: 50_000 },
  SIMULATED_HISTORIES: { small: 100, full: 100_000 },
  SLOW_BODY_SECONDS: { small: 20, full: 600 },
  SOAK_SECONDS: { small: 30, full: 180 },
  STALE_FILLS: { small: 1_000, full: 10_000 },
} as const;

/** The size of a proof: the environment variable `name`, else the full size if `PROOFS` is `full`, else the small one. */
export function proofSize(name: keyof typeof SIZES): number {
  return Number(process.env[name] ?? SIZES[name][process.env.PROOFS === 'full' ? 'full' : 'small']);
}
