import type { KeyStatus } from '@latchkey/contract';
import { IconBan, IconClockX, IconPlayerPause } from './icons.ts';
import classes from './ui.module.css';

const ICONS = { disabled: IconPlayerPause, expired: IconClockX, revoked: IconBan } as const;
const WORDS: Readonly<Record<KeyStatus, string>> = {
  active: 'Active',
  disabled: 'Disabled',
  expired: 'Expired',
  revoked: 'Revoked',
};

/** The status of a key: an icon and its word. Only the dot of `Active` has a colour. */
export function Status({ status, isBadge = false }: { status: KeyStatus; isBadge?: boolean }) {
  const Icon = status === 'active' ? null : ICONS[status];
  return (
    <span className={classes.status} data-status={status} data-badge={isBadge || undefined}>
      {Icon ? <Icon size={14} stroke={1.75} aria-hidden /> : <span className={classes.dot} aria-hidden />}
      {WORDS[status]}
    </span>
  );
}
