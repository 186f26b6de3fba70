import type { MemberBody } from '@latchkey/contract';
import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useRoles } from '../../data/queries.ts';
import { Choices } from '../../ui/choices.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { KeyList } from '../../ui/key-list.tsx';
import { plural } from '../../ui/numbers.ts';
import { Problem } from '../../ui/problem.tsx';
import { useHeldKeys } from './held-keys.ts';
import classes from './members.module.css';

const CHOICES = [
  { value: 'keep', label: 'Keep them' },
  { value: 'revoke', label: 'Revoke them' },
] as const;

/** Changes the role of a member, and shows first which keys would exceed the new role. */
export function RoleDialog({ member, onClose }: { member: MemberBody; onClose: () => void }) {
  const roles = useRoles();
  const [roleId, setRoleId] = useState(member.roleId);
  const [choice, setChoice] = useState<string>('keep');
  const { data: held } = useHeldKeys(member.userId);
  const queryClient = useQueryClient();
  const role = roles.find(({ id }) => id === roleId);
  const exceeding =
    held?.apiKeys.filter(({ permissions }) => permissions.some((one) => !role?.permissions.includes(one))) ??
    [];
  const change = useMutation({
    mutationFn: () =>
      latchkey.members.update(member.workspaceId, member.userId, {
        roleId,
        revokeExceeding: choice === 'revoke',
      }),
    async onSuccess() {
      await queryClient.invalidateQueries();
      notifications.show({ message: `${member.displayName} is ${role?.name} now.` });
      onClose();
    },
  });
  const footer = (
    <>
      <span className={classes.grow} />
      <Button onClick={onClose}>Cancel</Button>
      <Button
        variant="filled"
        disabled={roleId === member.roleId}
        loading={change.isPending}
        onClick={() => change.mutate()}
      >
        Change the role
      </Button>
    </>
  );
  return (
    <Dialog
      title={
        <>
          The role of “<bdi>{member.displayName}</bdi>”
        </>
      }
      width={560}
      onClose={onClose}
      footer={footer}
    >
      <div className={classes.fields}>
        <Select
          label="Role"
          data-autofocus
          allowDeselect={false}
          value={roleId}
          data={roles.map(({ id, name, assignable }) => ({
            value: id,
            label: name,
            disabled: !assignable && id !== member.roleId,
          }))}
          onChange={(id) => id !== null && setRoleId(id)}
        />
        {exceeding.length > 0 && (
          <>
            <p>
              {plural(exceeding.length, 'key', 'keys')} would hold permissions that this role does not have:
            </p>
            <KeyList keys={exceeding} total={exceeding.length} />
            <Choices
              label="These keys"
              name="exceeding"
              options={CHOICES}
              value={choice}
              onChange={setChoice}
            />
          </>
        )}
        {change.error && <Problem error={change.error} />}
      </div>
    </Dialog>
  );
}
