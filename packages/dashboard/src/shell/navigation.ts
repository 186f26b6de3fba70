import type { Permission } from '@latchkey/contract';
import type { Icon } from '../ui/icon.tsx';
import {
  IconChartBar,
  IconHistory,
  IconKey,
  IconServerCog,
  IconSettings,
  IconShieldLock,
  IconUsers,
} from '../ui/icons.ts';
import type { Shortcut } from '../ui/shortcuts.ts';

/** An entry of the navigation. It is left out only if the role can never open it. */
export interface Entry {
  readonly to: '/keys' | '/usage' | '/members' | '/roles' | '/audit' | '/system' | '/settings';
  /** At the bottom. */
  readonly isLast?: true;
  readonly label: string;
  readonly icon: Icon;
  readonly needs: Permission;
  readonly shortcut?: Shortcut;
}

export const ENTRIES: readonly Entry[] = [
  { to: '/keys', label: 'Keys', icon: IconKey, needs: 'api-keys:read', shortcut: 'g k' },
  { to: '/usage', label: 'Usage', icon: IconChartBar, needs: 'api-keys:read', shortcut: 'g u' },
  { to: '/members', label: 'Members', icon: IconUsers, needs: 'members:read', shortcut: 'g m' },
  { to: '/roles', label: 'Roles', icon: IconShieldLock, needs: 'roles:read', shortcut: 'g r' },
  { to: '/audit', label: 'Audit log', icon: IconHistory, needs: 'workspace:logs-read', shortcut: 'g a' },
  { to: '/system', label: 'System', icon: IconServerCog, needs: 'workspace:read', isLast: true },
  {
    to: '/settings',
    label: 'Settings',
    icon: IconSettings,
    needs: 'workspace:read',
    isLast: true,
    shortcut: 'g s',
  },
];
