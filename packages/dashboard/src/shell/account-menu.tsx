import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { latchkey } from '../data/client.ts';
import { useMe, useMembers } from '../data/queries.ts';
import { IconCheck, IconDeviceDesktop, IconLogout, IconSelector } from '../ui/icons.ts';
import { initialsOf, Name } from '../ui/person.tsx';
import { problemText } from '../ui/problem.tsx';
import classes from './shell.module.css';

const SCHEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['auto', 'Like the system'],
] as const;

/** The person who is signed in: colours, and sign-out. */
export function AccountMenu({ isSmall = false }: { isSmall?: boolean }) {
  const me = useMe();
  const member = useMembers().find(({ userId }) => userId === me.userId);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({
    mutationFn: () => latchkey.sessions.end('current'),
    // A load of the page drops all that it has in memory.
    onSuccess: () => location.assign('/sign-in'),
    onError: (error) => notifications.show({ message: problemText(error), color: 'red', autoClose: false }),
  });
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
