import type { RoleBody } from '@latchkey/contract';
import { Button, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { resourcesOf } from '../../data/permissions.ts';
import { catalogueQuery, KEYS, rolesQuery, useMe } from '../../data/queries.ts';
import { PermissionPicker } from '../../pickers/permission-picker.tsx';
import { ExceedingKeys } from '../../ui/exceeding-keys.tsx';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import classes from './roles.module.css';

const NAME_MAX = 60;
const DESCRIPTION_MAX = 500;
const PAUSE_MS = 400;

/** One role: its name, its description and its permissions. `new` makes another. */
export function RolePage() {
  const { roleId } = useParams({ from: '/shell/roles/$roleId' });
  const me = useMe();
  const { data: roles, error } = useQuery(rolesQuery(me.workspaceId));
  if (error) return <Problem error={error} />;
  if (!roles) return <Skeleton rows={12} height={40} />;
  const role = roles.find(({ id }) => id === roleId);
  if (roleId === 'new') return <RoleForm key="new" existing={null} />;
  if (!role || role.isSystem) return <NoRole isSystem={role !== undefined} />;
  return <RoleForm key={role.id} existing={role} />;
}

function NoRole({ isSystem }: { isSystem: boolean }) {
  return (
    <Page title={isSystem ? 'A system role' : 'No such role'}>
      <p>
        {isSystem
          ? 'System roles cannot be changed.'
          : 'It may have been deleted, or belong to another workspace.'}
      </p>
      <Link to="/roles">Show the roles</Link>
    </Page>
  );
}

function RoleForm({ existing: role }: { existing: RoleBody | null }) {
  const me = useMe();
  const navigate = useNavigate();
  const form = useRoleForm(role);
  const { data: catalogue = [] } = useQuery(catalogueQuery);
  const { name, description, chosen } = form;
  const reasonFor = (permission: string) =>
    me.permissions.includes(permission) || role?.permissions.includes(permission)
      ? null
      : `You do not hold ${permission}. You cannot give what you do not hold.`;
  return (
    <Page title={role ? role.name : 'Create a role'} actions={role && <DeleteButton role={role} />}>
      <div className={classes.form}>
        <TextInput
          label="Name"
          maxLength={NAME_MAX}
          value={name}
          onChange={(event) => form.setName(event.currentTarget.value)}
        />
        <Textarea
          label="Description (optional)"
          rows={2}
          maxLength={DESCRIPTION_MAX}
          value={description}
          onChange={(event) => form.setDescription(event.currentTarget.value)}
        />
      </div>
      <div className={classes.picker}>
        <PermissionPicker
          resources={resourcesOf(catalogue)}
          chosen={chosen}
          onChange={form.setChosen}
          reasonFor={reasonFor}
        />
      </div>
      <footer className={classes.foot}>
        <Changes before={role?.permissions ?? []} after={chosen} />
        <ExceedingKeys
          keys={form.preview.data}
          isRevoked={form.revokeExceeding}
          onChange={form.setRevokeExceeding}
        />
        {form.preview.error && <Problem error={form.preview.error} />}
        {form.save.error && <Problem error={form.save.error} />}
        <div className={classes.buttons}>
          <Button component={Link} to="/roles">
            Cancel
          </Button>
          <Button
            variant="filled"
            disabled={name.trim() === ''}
            loading={form.save.isPending}
            onClick={() => form.save.mutate(undefined, { onSuccess: () => void navigate({ to: '/roles' }) })}
          >
            {role ? 'Save the role' : 'Create role'}
          </Button>
        </div>
      </footer>
    </Page>
  );
}

function useRoleForm(role: RoleBody | null) {
  const { workspaceId } = useMe();
  const queryClient = useQueryClient();
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions));
  const [revokeExceeding, setRevokeExceeding] = useState(false);
  const preview = usePreview(role, chosen);
  const save = useMutation({
    async mutationFn() {
      const body = { name: name.trim(), description: description.trim() || null, permissions: [...chosen] };
      if (role === null) return (await latchkey.roles.create(workspaceId, body)) && [];
      return (await latchkey.roles.update(workspaceId, role.id, { ...body, revokeExceeding })).exceedingKeys;
    },
    async onSuccess(exceeding) {
      await queryClient.invalidateQueries();
      const words = revokeExceeding ? 'revoked' : 'more than this role now';
      const more = exceeding.length > 0 ? ` ${plural(exceeding.length, 'key is', 'keys are')} ${words}.` : '';
      notifications.show({ message: `${name.trim()} is ${role ? 'saved' : 'created'}.${more}` });
    },
  });
  return {
    name,
    setName,
    description,
    setDescription,
    chosen,
    setChosen,
    revokeExceeding,
    setRevokeExceeding,
    preview,
    save,
  };
}

/** The keys that would exceed the role with these permissions. The service tries the change after a pause, and makes none. */
function usePreview(role: RoleBody | null, chosen: ReadonlySet<string>) {
  const [permissions] = useDebouncedValue([...chosen].sort(), PAUSE_MS);
  const loses = role?.permissions.some((one) => !permissions.includes(one)) ?? false;
  return useQuery({
    queryKey: [...KEYS, 'exceeding', role?.id, permissions],
    enabled: role !== null && role.memberCount > 0 && loses,
    queryFn: async () => {
      if (role === null) return [];
      const changes = { permissions, dryRun: true };
      return (await latchkey.roles.update(role.workspaceId, role.id, changes)).exceedingKeys;
    },
  });
}

/** What a save would add and take away. */
function Changes({ before, after }: { before: readonly string[]; after: ReadonlySet<string> }) {
  const added = [...after].filter((one) => !before.includes(one));
  const removed = before.filter((one) => !after.has(one));
  const unchanged = before.length - removed.length;
  if (added.length + removed.length === 0)
    return (
      <p className={classes.diff}>
        {unchanged === 0 ? 'No permission is selected.' : `${plural(unchanged, 'permission')}, unchanged.`}
      </p>
    );
  return (
    <p className={classes.diff}>
      {added.map((one) => (
        <code key={one} data-added>
          + {one}
        </code>
      ))}
      {removed.map((one) => (
        <code key={one}>− {one}</code>
      ))}
      {unchanged > 0 && <span>{plural(unchanged, 'other')} unchanged</span>}
    </p>
  );
}

function DeleteButton({ role }: { role: RoleBody }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { may } = useMe();
  const remove = useMutation({
    mutationFn: () => latchkey.roles.delete(role.workspaceId, role.id),
    onSuccess() {
      // Not awaited: this button is gone once the roles are loaded without the role, and then nothing would navigate.
      void queryClient.invalidateQueries();
      notifications.show({ message: `${role.name} is deleted.` });
    },
  });
  if (!may('roles:delete')) return null;
  return (
    <>
      {remove.error && <Problem error={remove.error} />}
      <Button
        c="var(--bad)"
        disabled={role.memberCount > 0}
        loading={remove.isPending}
        onClick={() => remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/roles' }) })}
      >
        {role.memberCount > 0 ? 'Has members' : 'Delete the role'}
      </Button>
    </>
  );
}
