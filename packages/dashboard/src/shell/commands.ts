import type { ApiKeyBody, Permission, WorkspaceBody } from '@latchkey/contract';
import { useMantineColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMe, useMembers, workspacesQuery } from '../data/queries.ts';
import { useSetActive } from '../data/set-active.tsx';
import type { Icon } from '../ui/icon.tsx';
import {
  IconBan,
  IconDeviceDesktop,
  IconHistory,
  IconKey,
  IconLogout,
  IconMoonStars,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconRefresh,
  IconSelector,
  IconTerminal2,
  IconUser,
  IconUserPlus,
  IconZoomQuestion,
} from '../ui/icons.ts';
import { problemText } from '../ui/notices.tsx';
import type { Shortcut } from '../ui/shortcuts.ts';
import { ENTRIES } from './navigation.ts';
import { useSignOut, useSwitchWorkspace } from './session-actions.ts';

/** One line of the command palette. */
export interface Command {
  readonly id: string;
  readonly group: 'Keys' | 'Members' | 'Actions' | 'Go to';
  readonly icon: Icon;
  readonly label: string;
  /** A second, smaller text. */
  readonly detail?: string;
  readonly shortcut?: Shortcut;
  /** The permission without which it is disabled. */
  readonly needs?: Permission;
  readonly run: () => void;
}

/** A verb and the key that it is for: `rotate billing`. */
const KEY_VERB = /^(rotate|disable|enable|revoke|test|audit)\s+(\S.*)$/i;

/** What is searched for in keys, and the verb before it; null: any. */
export function questionOf(text: string): { readonly verb: string | null; readonly search: string } {
  const [, verb = null, rest = ''] = KEY_VERB.exec(text) ?? [];
  return { verb: verb?.toLowerCase() ?? null, search: verb === null ? text : rest };
}

/** Does the text have every word that was typed? */
const matches = (text: string, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));

const MEMBERS_MAX = 5;

/** The commands for what was typed, with those that the role does not allow at the end. */
export function useCommands(
  typed: string,
  found: readonly ApiKeyBody[],
  onHelp: () => void,
): readonly Command[] {
  const { may } = useMe();
  const { verb } = questionOf(typed);
  const forKeys = useKeyCommands();
  const members = useMemberCommands();
  const actions = useActions(onHelp);
  const places = usePlaces();
  const fixed = [...actions, ...places].filter(({ label, group }) => matches(`${label} ${group}`, typed));
  const [first] = found;
  const all = [
    ...(verb === null ? found.map(forKeys.open) : []),
    ...(typed === ''
      ? []
      : members.filter(({ label, detail }) => matches(`${label} ${detail}`, typed)).slice(0, MEMBERS_MAX)),
    ...(verb === null && first
      ? forKeys.actions(first)
      : found.flatMap((key) => forKeys.actions(key).filter(({ id }) => id.startsWith(`${verb} `)))),
    ...fixed,
  ];
  const isAllowed = ({ needs }: Command): boolean => needs === undefined || may(needs);
  return [...all.filter(isAllowed), ...all.filter((command) => !isAllowed(command))];
}

/** Commands for one key: `open`, and what can be done with it. */
function useKeyCommands() {
  const navigate = useNavigate();
  const setActive = useSetActive();
  const onError = (error: unknown): void => {
    notifications.show({ message: problemText(error), color: 'red', autoClose: false });
  };
  const open = (key: ApiKeyBody): Command => ({
    id: `open ${key.id}`,
    group: 'Keys',
    icon: IconKey,
    label: key.name,
    detail: `…${key.key.slice(-4)} · ${key.creator.displayName}`,
    run: () => void navigate({ to: '/keys/$keyId', params: { keyId: key.id } }),
  });
  const actions = (key: ApiKeyBody): readonly Command[] => {
    const { id, name, isActive, status } = key;
    const params = { keyId: id };
    const of = `“${name}” …${key.key.slice(-4)}`;
    const always: readonly Command[] = [
      {
        id: `test ${id}`,
        group: 'Actions',
        icon: IconTerminal2,
        label: `Test ${of}`,
        run: () => void navigate({ to: '/keys/$keyId', params, hash: 'test' }),
      },
      {
        id: `audit ${id}`,
        group: 'Go to',
        icon: IconHistory,
        label: `Audit log of ${of}`,
        needs: 'workspace:logs-read',
        run: () => void navigate({ to: '/audit', search: { target: id } }),
      },
    ];
    if (status === 'revoked') return always;
    const word = isActive ? 'disable' : 'enable';
    return [
      {
        id: `rotate ${id}`,
        group: 'Actions',
        icon: IconRefresh,
        label: `Rotate ${of}`,
        needs: 'api-keys:write',
        run: () => void navigate({ to: '/keys/$keyId/rotate', params }),
      },
      {
        id: `${word} ${id}`,
        group: 'Actions',
        icon: isActive ? IconPlayerPause : IconPlayerPlay,
        label: `${isActive ? 'Disable' : 'Enable'} ${of}`,
        needs: 'api-keys:write',
        // Not a callback of `mutate`: the palette is closed before the answer comes, and drops those.
        run: () => void setActive.mutateAsync({ apiKey: key, isActive: !isActive }).catch(onError),
      },
      {
        id: `revoke ${id}`,
        group: 'Actions',
        icon: IconBan,
        label: `Revoke ${of}`,
        needs: 'api-keys:delete',
        run: () => void navigate({ to: '/keys/$keyId/revoke', params }),
      },
      ...always,
    ];
  };
  return { open, actions };
}

function useMemberCommands(): readonly Command[] {
  const navigate = useNavigate();
  return useMembers().map(({ userId, displayName, email, roleName }) => ({
    id: `member ${userId}`,
    group: 'Members',
    icon: IconUser,
    label: `Keys of ${displayName}`,
    detail: `${email} · ${roleName}`,
    run: () => void navigate({ to: '/keys', search: { owner: userId } }),
  }));
}

function useActions(onHelp: () => void): readonly Command[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const action = (command: Omit<Command, 'group'>): Command => ({ ...command, group: 'Actions' });
  const colours = (['light', 'dark', 'auto'] as const).map((scheme) =>
    action({
      id: `colours ${scheme}`,
      icon: IconMoonStars,
      label:
        scheme === 'auto' ? 'Colours like the system' : `${scheme === 'light' ? 'Light' : 'Dark'} colours`,
      run: () => setColorScheme(scheme),
    }),
  );
  return [
    action({
      id: 'create',
      icon: IconPlus,
      label: 'Create a key',
      shortcut: 'c',
      needs: 'api-keys:write',
      run: () => void navigate({ to: '/keys/new' }),
    }),
    action({
      id: 'find',
      icon: IconZoomQuestion,
      label: 'Find a leaked key',
      shortcut: 'f',
      run: () => void navigate({ to: '/keys/find' }),
    }),
    action({
      id: 'invite',
      icon: IconUserPlus,
      label: 'Invite a person',
      needs: 'members:invite',
      run: () => void navigate({ to: '/members/invitations/new' }),
    }),
    ...useSwitches().map(action),
    ...colours,
    action({ id: 'help', icon: IconTerminal2, label: 'Keyboard shortcuts', shortcut: '?', run: onHelp }),
    action({ id: 'sign-out', icon: IconLogout, label: 'Sign out', run: () => signOut.mutate() }),
  ];
}

/** The other workspaces of the person. */
function useSwitches(): readonly Omit<Command, 'group'>[] {
  const me = useMe();
  const { data = [] } = useQuery({ ...workspacesQuery, enabled: me.may('workspace:read') });
  const change = useSwitchWorkspace();
  const others: readonly WorkspaceBody[] = data.filter(({ id }) => id !== me.workspaceId);
  return others.map(({ id, name }) => ({
    id: `workspace ${id}`,
    icon: IconSelector,
    label: `Switch to “${name}”`,
    run: () => change.mutate(id),
  }));
}

function usePlaces(): readonly Command[] {
  const navigate = useNavigate();
  return [
    ...ENTRIES.map(({ to, label, icon, needs, shortcut }) => ({
      id: to,
      group: 'Go to' as const,
      icon,
      label,
      needs,
      ...(shortcut && { shortcut }),
      run: () => void navigate({ to }),
    })),
    {
      id: '/members/invitations',
      group: 'Go to',
      icon: IconUserPlus,
      label: 'Invitations',
      needs: 'members:read',
      run: () => void navigate({ to: '/members/invitations' }),
    },
    {
      id: '/account/sessions',
      group: 'Go to',
      icon: IconDeviceDesktop,
      label: 'Sessions',
      run: () => void navigate({ to: '/account/sessions' }),
    },
  ];
}
