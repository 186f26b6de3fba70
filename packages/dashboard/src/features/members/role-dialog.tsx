import type { MemberBody } from '@latchkey/contract';
import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS, useRoles } from '../../data/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ExceedingKeys } from '../../ui/exceeding-keys.tsx';
import { Problem } from '../../ui/notices.tsx';
import classes from './members.module.css';

/** Changes the role of a member, and shows first which keys would exceed the new role. */
export function RoleDialog({ member, onClose }: { member: MemberBody; onClose: () => void }) {
  const roles = useRoles();
  const [roleId, setRoleId] = useState(member.roleId);
  const [isRevoked, setRevoked] = useState(false);
  const queryClient = useQueryClient();
  const role = roles.find(({ id }) => id === roleId);
  const { workspaceId, userId } = member;
  const preview = useQuery({
    queryKey: [...KEYS, 'exceeding', userId, roleId],
    enabled: roleId !== member.roleId,
    queryFn: async () =>
      (await latchkey.members.update(workspaceId, userId, { roleId, dryRun: true })).exceedingKeys,
  });
  const change = useMutation({
    mutationFn: () => latchkey.members.update(workspaceId, userId, { roleId, revokeExceeding: isRevoked }),
    async onSuccess() {
      await queryClient.invalidateQueries();
      notifications.show({ message: `${member.displayName} is ${role?.name} now.` });
    },
  });
  const footer = (
    <>
      <span className={classes.grow} />
      <Button onClick={onClose}>Cancel</Button>
      <Button
        variant="filled"
        disabled={roleId === member.roleId || !preview.data}
        loading={change.isPending}
        onClick={() => change.mutate(undefined, { onSuccess: onClose })}
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
        <ExceedingKeys keys={preview.data} isRevoked={isRevoked} onChange={setRevoked} />
        {(change.error ?? preview.error) && <Problem error={change.error ?? preview.error} />}
      </div>
    </Dialog>
  );
}
