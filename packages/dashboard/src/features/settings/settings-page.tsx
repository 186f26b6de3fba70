import type { PermissionMode, WorkspaceBody } from '@latchkey/contract';
import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useMe, useWorkspace } from '../../data/queries.ts';
import { Choices } from '../../ui/choices.tsx';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import { DeleteWorkspace } from './delete-workspace.tsx';
import classes from './settings.module.css';

const NAME_MAX = 100;

const MODES = [
  { value: 'frozen', label: 'Keep them' },
  { value: 'capped', label: 'Cap them' },
] as const;

/** Which rule applies to all keys? */
export function SettingsPage() {
  const workspace = useWorkspace();
  const { may } = useMe();
  if (!workspace) return <Skeleton rows={4} height={60} />;
  return (
    <Page title="Settings">
      {may('workspace:settings-write') ? (
        <>
          <NameForm key={workspace.name} workspace={workspace} />
          <ModeForm key={workspace.permissionMode} workspace={workspace} />
        </>
      ) : (
        <p>Your role cannot change the settings. It needs workspace:settings-write.</p>
      )}
      {may('workspace:delete') && <DeleteWorkspace workspace={workspace} />}
    </Page>
  );
}

/** Changes the workspace, and shows the change everywhere. */
function useChange(message: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (changes: { name?: string; permissionMode?: PermissionMode }) =>
      latchkey.workspaces.update(changes),
    async onSuccess() {
      await queryClient.invalidateQueries();
      notifications.show({ message });
    },
  });
}

function NameForm({ workspace }: { workspace: WorkspaceBody }) {
  const [name, setName] = useState(workspace.name);
  const change = useChange('The name is saved.');
  return (
    <form
      className={classes.section}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: name.trim() });
      }}
    >
      <TextInput
        label="Name of the workspace"
        maxLength={NAME_MAX}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {change.error && <Problem error={change.error} />}
      <Button
        type="submit"
        disabled={name.trim() === '' || name.trim() === workspace.name}
        loading={change.isPending}
      >
        Save the name
      </Button>
    </form>
  );
}

/** What happens to keys when the role of their owner loses permissions, and what a change of it does now. */
function ModeForm({ workspace }: { workspace: WorkspaceBody }) {
  const [mode, setMode] = useState<PermissionMode>(workspace.permissionMode);
  const isChanged = mode !== workspace.permissionMode;
  const change = useChange('The rule is changed.');
  const { data: affected, error } = useQuery({
    queryKey: ['mode', mode],
    enabled: isChanged,
    queryFn: async () =>
      (await latchkey.workspaces.update({ permissionMode: mode, dryRun: true })).affected ?? null,
  });
  return (
    <section className={classes.section}>
      <Choices
        label="When the role of an owner loses permissions, the keys that have them"
        name="mode"
        options={MODES}
        value={mode}
        onChange={setMode}
      />
      <p className={classes.help}>
        {mode === 'frozen'
          ? 'A key keeps its permissions for its life.'
          : 'A key may use only what its owner holds now, and gets the rest back with the role.'}
      </p>
      {affected && (
        <p role="status">{affected.total === 0 ? 'No key changes now.' : effectText(mode, affected.total)}</p>
      )}
      {(error ?? change.error) && <Problem error={error ?? change.error} />}
      <Button
        disabled={!isChanged || !affected}
        loading={change.isPending}
        onClick={() => change.mutate({ permissionMode: mode })}
      >
        Change the rule
      </Button>
    </section>
  );
}

function effectText(mode: PermissionMode, total: number): string {
  const keys = plural(total, 'key');
  if (mode === 'capped') return `${keys} ${total === 1 ? 'loses' : 'lose'} permissions at once.`;
  return `${keys} ${total === 1 ? 'gets' : 'get'} permissions back at once.`;
}
