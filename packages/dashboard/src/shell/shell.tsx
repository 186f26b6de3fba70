import '@mantine/notifications/styles.css';
import { ActionIcon, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useMe, useWorkspace } from '../data/queries.ts';
import { IconMenu2, IconSearch } from '../ui/icons.ts';
import { useShortcut } from '../ui/shortcuts.ts';
import { AccountMenu } from './account-menu.tsx';
import { OfflineBar } from './offline-bar.tsx';
import { SessionEnded } from './session-ended.tsx';
import classes from './shell.module.css';
import { ShortcutHelp } from './shortcut-help.tsx';
import { Sidebar } from './sidebar.tsx';
import { Mark } from './workspace-switcher.tsx';

/** Loaded after the first screen, so that it opens at once. */
const loadPalette = () => import('./palette.tsx');
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));

const PHONE = '(max-width: 699px)';

/** The frame around every screen: a sidebar or, on a phone, a bar that opens it. */
export function Shell() {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState<'palette' | 'help' | null>(null);
  const onSearch = (): void => setOpened('palette');
  const onHelp = (): void => setOpened('help');
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen, also with Back, closes them
  useEffect(() => setOpened(null), [path]);
  useEffect(() => void loadPalette(), []);
  useShellShortcuts(onSearch, onHelp);
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Go to the content
      </a>
      <OfflineBar />
      {isPhone ? (
        <PhoneBar onSearch={onSearch} onHelp={onHelp} />
      ) : (
        <Sidebar onSearch={onSearch} onHelp={onHelp} />
      )}
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      {opened === 'palette' && (
        <Suspense fallback={<LoadingPalette />}>
          <Palette onClose={() => setOpened(null)} onHelp={onHelp} />
        </Suspense>
      )}
      {opened === 'help' && <ShortcutHelp onClose={() => setOpened(null)} />}
      <SessionEnded />
      <Notifications position="bottom-right" limit={3} />
    </div>
  );
}

/** While the palette is loaded, what is typed for it runs no shortcuts, as in every dialog. */
function LoadingPalette() {
  return <div role="dialog" aria-modal="true" aria-busy="true" aria-label="Search" />;
}

/** The shortcuts that work on every screen. */
function useShellShortcuts(onSearch: () => void, onHelp: () => void): void {
  const navigate = useNavigate();
  const { may } = useMe();
  useShortcut('mod k', onSearch);
  useShortcut('?', onHelp);
  useShortcut('/', () => {
    const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
    if (field) field.focus();
    else onSearch();
  });
  useShortcut('c', () => void navigate({ to: '/keys/new' }), may('api-keys:write'));
  useShortcut('f', () => void navigate({ to: '/keys/find' }));
  useShortcut('g k', () => void navigate({ to: '/keys' }));
  useShortcut('g u', () => void navigate({ to: '/usage' }));
  useShortcut('g m', () => void navigate({ to: '/members' }));
  useShortcut('g r', () => void navigate({ to: '/roles' }));
  useShortcut('g a', () => void navigate({ to: '/audit' }));
  useShortcut('g s', () => void navigate({ to: '/settings' }));
}

interface PhoneBarProps {
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

function PhoneBar({ onSearch, onHelp }: PhoneBarProps) {
  const [isOpen, setOpen] = useState(false);
  const workspace = useWorkspace();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen closes the menu
  useEffect(() => setOpen(false), [path]);
  const leave = (then: () => void): void => {
    setOpen(false);
    then();
  };
  return (
    <header className={classes.bar}>
      <ActionIcon variant="subtle" color="gray" size={44} aria-label="Menu" onClick={() => setOpen(true)}>
        <IconMenu2 size={22} stroke={1.75} />
      </ActionIcon>
      <Mark />
      <bdi className={classes.barName}>{workspace?.name ?? 'Latchkey'}</bdi>
      <ActionIcon variant="subtle" color="gray" size={44} aria-label="Search" onClick={onSearch}>
        <IconSearch size={20} stroke={1.75} />
      </ActionIcon>
      <AccountMenu isSmall onHelp={onHelp} />
      <Drawer
        opened={isOpen}
        onClose={() => setOpen(false)}
        size={280}
        padding={0}
        lockScroll={false}
        withCloseButton={false}
      >
        <Sidebar isBanner={false} onSearch={() => leave(onSearch)} onHelp={() => leave(onHelp)} />
      </Drawer>
    </header>
  );
}
