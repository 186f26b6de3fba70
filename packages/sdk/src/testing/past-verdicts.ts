import { hintOf } from '@latchkey/contract/key-format';
import { instant, optionalInstant, type PastVerdict, type StoredKey } from './stored-key.ts';

/** Milliseconds. */
export const SPAN_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The secrets of the key that work, the present one first; none if the key is revoked. */
export function presentedSecrets({ secrets, verdicts, revokedAt }: StoredKey, now: number) {
  if (revokedAt !== null) return [];
  const working = secrets.filter(({ retiresAt }) => retiresAt === null || retiresAt > now);
  const { from: minute, until } = currentMinute(now);
  const rotated = working.length > 1 ? currentMinute(working[0]?.createdAt ?? 0).until : 0;
  const allowed = within(verdicts, Math.max(minute - 59 * SPAN_MS.minute, rotated), until).filter(
    ({ code }) => code === 'VALID',
  );
  return working.map(({ text, createdAt, retiresAt, lastUsedAt }) => {
    const uses = allowed.filter(({ isOldSecret }) => isOldSecret === (retiresAt !== null)).length;
    return {
      hint: hintOf(text),
      createdAt: instant(createdAt),
      endsAt: optionalInstant(retiresAt),
      lastUsedAt: optionalInstant(lastUsedAt),
      share: allowed.length === 0 ? null : uses / allowed.length,
    };
  });
}

/** The UTC minute that contains the instant. */
export function currentMinute(now: number) {
  const from = now - (now % SPAN_MS.minute);
  return { from, until: from + SPAN_MS.minute };
}

/** The verdicts since `from` and before `until`. */
export function within(verdicts: readonly PastVerdict[], from: number, until: number): PastVerdict[] {
  return verdicts.filter(({ at }) => at >= from && at < until);
}
