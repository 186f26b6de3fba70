import type { MemberBody } from '@latchkey/contract';
import { ActionIcon, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../../data/queries.ts';
import { IconDots } from '../../ui/icons.ts';
import { EndMemberDialog } from './end-member-dialog.tsx';
import { RoleDialog } from './role-dialog.tsx';

type Opened = 'role' | 'suspend' | 'remove' | null;

/** The actions of one member. */
export function MemberMenu({ member }: { member: MemberBody }) {
  const { may } = useMe();
  const [opened, setOpened] = useState<Opened>(null);
  const close = (): void => setOpened(null);
  const { displayName, userId, status } = member;
  const maySuspend = may('members:remove') && may('members:role-change');
  return (
    <>
      <Menu width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={`Actions of ${displayName}`}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item renderRoot={(props) => <Link {...props} to="/keys" search={{ owner: userId }} />}>
            Show their keys
          </Menu.Item>
          {may('members:role-change') && (
            <Menu.Item onClick={() => setOpened('role')}>Change the role</Menu.Item>
          )}
          {maySuspend && (
            <Menu.Item onClick={() => setOpened('suspend')}>
              {status === 'active' ? 'Suspend' : 'Activate'}
            </Menu.Item>
          )}
          {may('members:remove') && (
            <Menu.Item color="red" onClick={() => setOpened('remove')}>
              Remove
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {opened === 'role' && <RoleDialog member={member} onClose={close} />}
      {(opened === 'suspend' || opened === 'remove') && (
        <EndMemberDialog member={member} verb={opened} onClose={close} />
      )}
    </>
  );
}
