import type { ApiKeyWithSecretsBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS, useMe } from '../../data/queries.ts';
import { IconRefresh } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import { agoText, dateTimeText, leftText, useNow, ZONE_NAME } from '../../ui/time.ts';
import classes from './key.module.css';

const HOUR_MS = 3_600_000;
const PERCENT = 100;

/** After a rotation: is the old secret still in use, and when does it end? */
export function OldSecret({ apiKey }: { apiKey: ApiKeyWithSecretsBody }) {
  const now = useNow();
  const { may } = useMe();
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: () => latchkey.keys.endOldSecret(apiKey.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: KEYS }),
  });
  const [present, old] = apiKey.secrets ?? [];
  if (!present || !old) return null;
  const lastUse = old.lastUsedAt === null ? null : Date.parse(old.lastUsedAt);
  const isUnused =
    lastUse === null ||
    (lastUse < Date.parse(present.createdAt) && now - Date.parse(present.createdAt) > HOUR_MS);
  const oldShare = Math.round((old.share ?? 0) * PERCENT);
  const endsAt = old.endsAt === null ? null : Date.parse(old.endsAt);
  return (
    <section className={classes.oldSecret} aria-label="Rotation">
      <IconRefresh size={17} stroke={1.75} aria-hidden />
      <div>
        <h2>{isUnused ? 'The old secret is not in use' : 'The old secret is still in use'}</h2>
        <p aria-live="polite">
          {isUnused ? (
            'The old secret has not been used since the rotation. You can end it.'
          ) : (
            <>
              <code>…{lastFour(old.hint)}</code> was last used <b>{agoText(lastUse, now, true)}</b>
              {old.share !== null && `, with ${oldShare}% of the requests in the last hour`}.
            </>
          )}{' '}
          {endsAt !== null &&
            `It ends on ${dateTimeText(endsAt)} ${ZONE_NAME}, in ${leftText(endsAt - now)}.`}
        </p>
        {old.share !== null && (
          <>
            <div className={classes.shares} aria-hidden>
              <i style={{ flexGrow: PERCENT - oldShare }} />
              <i style={{ flexGrow: oldShare }} />
            </div>
            <p className={classes.shareText}>
              <span>
                New secret …{lastFour(present.hint)} {PERCENT - oldShare}%
              </span>
              <span>
                Old secret …{lastFour(old.hint)} {oldShare}%
              </span>
            </p>
          </>
        )}
        {end.error && <Problem error={end.error} />}
      </div>
      {may('api-keys:write') && (
        <Button loading={end.isPending} onClick={() => end.mutate()}>
          End old secret
        </Button>
      )}
    </section>
  );
}

/** Of a secret that was made before hints were kept, nothing. */
const lastFour = (hint: string | null): string => hint?.slice(-4) ?? '';
