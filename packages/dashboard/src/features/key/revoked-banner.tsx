import type { ApiKeyBody } from '@latchkey/contract';
import { IconBan } from '../../ui/icons.ts';
import { dateTimeText } from '../../ui/time.ts';
import { Time } from '../../ui/time-text.tsx';
import classes from './key.module.css';

/** In place of the actions of a revoked key. Its history stays. */
export function RevokedBanner({ apiKey }: { apiKey: ApiKeyBody }) {
  const { revokedAt, revokedReason } = apiKey;
  return (
    <p className={classes.revoked}>
      <IconBan size={16} stroke={1.75} aria-hidden />
      <span>
        <b>This key was revoked</b>
        {revokedAt && (
          <>
            {' '}
            on <Time at={revokedAt}>{dateTimeText(Date.parse(revokedAt))}</Time>
          </>
        )}
        . {revokedReason && <bdi>Reason: {revokedReason}. </bdi>}It cannot be restored.
      </span>
    </p>
  );
}
