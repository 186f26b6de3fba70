import type { WorkspaceBody } from '@latchkey/contract';
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { ConfirmButtons } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/notices.tsx';
import classes from './settings.module.css';

/** Deletes the workspace after its name was typed. */
export function DeleteWorkspace({ workspace }: { workspace: WorkspaceBody }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className={classes.section}>
      <h2>Delete the workspace</h2>
      <p className={classes.help}>All of its keys are denied at once, and it cannot be restored.</p>
      <Button c="var(--bad)" onClick={() => setOpen(true)}>
        Delete the workspace
      </Button>
      {isOpen && <DeleteDialog workspace={workspace} onClose={() => setOpen(false)} />}
    </section>
  );
}

function DeleteDialog({ workspace, onClose }: { workspace: WorkspaceBody; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () => latchkey.workspaces.delete(workspace.id),
    // The session ended with the workspace.
    onSuccess: () => location.assign('/sign-in'),
  });
  const footer = (
    <ConfirmButtons
      label="Delete the workspace"
      isDangerous
      isDisabled={typed !== workspace.name}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
  return (
    <Dialog
      title={
        <>
          Delete “<bdi>{workspace.name}</bdi>”?
        </>
      }
      width={520}
      onClose={onClose}
      footer={footer}
    >
      <div className={classes.fields}>
        <p>All of its keys are denied at once. Its members, roles and keys cannot be restored.</p>
        <TextInput
          label="To confirm, type the name of the workspace"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {remove.error && <Problem error={remove.error} />}
      </div>
    </Dialog>
  );
}
