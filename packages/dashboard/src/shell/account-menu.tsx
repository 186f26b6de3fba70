import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe, useMembers } from '../data/queries.ts';
import { IconCheck, IconDeviceDesktop, IconLogout, IconSelector, IconTerminal2 } from '../ui/icons.ts';
import { initialsOf, Name } from '../ui/person.tsx';
import { useSignOut } from './session-actions.ts';
import classes from './shell.module.css';

const SCHEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['auto', 'Like the system'],
] as const;

interface AccountMenuProps {
  readonly isSmall?: boolean;
  readonly onHelp: () => void;
}

/** The person who is signed in: colours, shortcuts, sessions, and sign-out. */
export function AccountMenu({ isSmall = false, onHelp }: AccountMenuProps) {
  const me = useMe();
  const member = useMembers().find(({ userId }) => userId === me.userId);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const name = member?.displayName ?? 'You';
  return (
    <Menu position={isSmall ? 'bottom-end' : 'top-start'} width={216}>
      <Menu.Target>
        <UnstyledButton className={isSmall ? classes.accountSmall : classes.account} aria-label="Account">
          <span className={classes.avatar} aria-hidden>
            {initialsOf(name)}
          </span>
          {!isSmall && (
            <>
              <span className={classes.twoLines}>
                <Name text={name} />
                <small>{member?.roleName ?? 'Signed in'}</small>
              </span>
              <IconSelector size={16} stroke={1.75} aria-hidden />
            </>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colours</Menu.Label>
        {SCHEMES.map(([scheme, label]) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme && <IconCheck size={15} stroke={1.75} aria-label="Chosen" />}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconDeviceDesktop size={16} stroke={1.75} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/account/sessions" />}
        >
          Sessions
        </Menu.Item>
        <Menu.Item leftSection={<IconTerminal2 size={16} stroke={1.75} aria-hidden />} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.75} aria-hidden />}
          closeMenuOnClick={false}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
