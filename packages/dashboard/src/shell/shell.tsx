import '@mantine/notifications/styles.css';
import { ActionIcon, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useWorkspace } from '../data/queries.ts';
import { IconMenu2 } from '../ui/icons.ts';
import { AccountMenu } from './account-menu.tsx';
import { Mark } from './mark.tsx';
import { SessionEnded } from './session-ended.tsx';
import classes from './shell.module.css';
import { Sidebar } from './sidebar.tsx';

const PHONE = '(max-width: 699px)';

/** The frame around every screen: a sidebar or, on a phone, a bar that opens it. */
export function Shell() {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Go to the content
      </a>
      {isPhone ? <PhoneBar /> : <Sidebar />}
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <SessionEnded />
      <Notifications position="bottom-right" limit={3} />
    </div>
  );
}

function PhoneBar() {
  const [isOpen, setOpen] = useState(false);
  const workspace = useWorkspace();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen closes the menu
  useEffect(() => setOpen(false), [path]);
  return (
    <header className={classes.bar}>
      <ActionIcon variant="subtle" color="gray" size={44} aria-label="Menu" onClick={() => setOpen(true)}>
        <IconMenu2 size={22} stroke={1.75} />
      </ActionIcon>
      <Mark />
      <bdi className={classes.barName}>{workspace?.name ?? 'Latchkey'}</bdi>
      <AccountMenu isSmall />
      <Drawer
        opened={isOpen}
        onClose={() => setOpen(false)}
        size={280}
        padding={0}
        lockScroll={false}
        withCloseButton={false}
      >
        <Sidebar isBanner={false} />
      </Drawer>
    </header>
  );
}
