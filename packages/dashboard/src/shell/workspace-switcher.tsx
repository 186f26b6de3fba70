import { Menu, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMe, useWorkspace, workspacesQuery } from '../data/queries.ts';
import { IconCheck, IconKey, IconSelector } from '../ui/icons.ts';
import { Name } from '../ui/person.tsx';
import { useSwitchWorkspace } from './session-actions.ts';
import classes from './shell.module.css';

/** The workspace of the session. A session that proves the person's account can switch to their other workspaces. */
export function WorkspaceSwitcher() {
  const me = useMe();
  const workspace = useWorkspace();
  const { data: workspaces = [] } = useQuery({ ...workspacesQuery, enabled: me.may('workspace:read') });
  const change = useSwitchWorkspace();
  const current = (
    <>
      <Mark />
      <span className={classes.twoLines}>
        <Name text={workspace?.name ?? 'Latchkey'} />
        <small>Workspace</small>
      </span>
    </>
  );
  if (workspaces.length < 2) return <div className={classes.workspace}>{current}</div>;
  return (
    <Menu position="bottom-start" width={232}>
      <Menu.Target>
        <UnstyledButton className={classes.workspace}>
          {current}
          <IconSelector size={16} stroke={1.75} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Switch workspace</Menu.Label>
        {workspaces.map(({ id, name }) => (
          <Menu.Item
            key={id}
            disabled={id === me.workspaceId || change.isPending}
            rightSection={id === me.workspaceId && <IconCheck size={15} stroke={1.75} aria-label="Current" />}
            onClick={() => change.mutate(id)}
          >
            <Name text={name} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Mark() {
  return (
    <span className={classes.mark} aria-hidden>
      <IconKey size={17} stroke={2} />
    </span>
  );
}
