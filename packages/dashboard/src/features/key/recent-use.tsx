import type { ApiKeyBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { IconActivity } from '../../ui/icons.ts';
import { Notice } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { agoText, useNow } from '../../ui/time.ts';
import { usageQuery } from './queries.ts';

const RECENT_MINUTES = 5;

/** Whether programs use the key now: what a revocation would stop. */
export function RecentUse({ apiKey }: { apiKey: ApiKeyBody }) {
  const now = useNow();
  const { data = [] } = useQuery(usageQuery(apiKey.id, 'minute'));
  const recent = data.slice(-RECENT_MINUTES).reduce((sum, { allowed }) => sum + allowed, 0);
  const hour = data.reduce((sum, { allowed }) => sum + allowed, 0);
  if (apiKey.lastUsedAt === null) return <Notice>It was never used.</Notice>;
  const latest = agoText(Date.parse(apiKey.lastUsedAt), now, true);
  if (hour === 0) return <Notice>Not used in the last hour. The latest use was {latest}.</Notice>;
  return (
    <Notice tone="bad" icon={IconActivity}>
      <b>In use now.</b>{' '}
      {recent > 0
        ? `${plural(recent, 'request')} in the last ${RECENT_MINUTES} minutes, the latest ${latest}.`
        : `${plural(hour, 'request')} in the last hour, the latest ${latest}.`}{' '}
      They will be denied with <code>KEY_REVOKED</code>.
    </Notice>
  );
}
