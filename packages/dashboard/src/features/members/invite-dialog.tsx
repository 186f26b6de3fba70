import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useRoles } from '../../data/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/notices.tsx';
import { type Made, MadeDialog, madeOf } from './made-dialog.tsx';
import classes from './members.module.css';

const MESSAGE_MAX = 500;

/** Invites a person by e-mail address, and shows the link once. */
export function InviteDialog() {
  const navigate = useNavigate();
  const [made, setMade] = useState<Made | null>(null);
  const close = (): void => {
    setMade(null);
    void navigate({ to: '/members/invitations', replace: true });
  };
  return made ? <MadeDialog made={made} onClose={close} /> : <InviteForm onMade={setMade} onClose={close} />;
}

function InviteForm({ onMade, onClose }: { onMade: (made: Made) => void; onClose: () => void }) {
  const roles = useRoles().filter(({ assignable }) => assignable);
  const [email, setEmail] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [message, setMessage] = useState('');
  const roleId = chosen ?? roles.find(({ isDefault }) => isDefault)?.id ?? roles[0]?.id ?? '';
  const queryClient = useQueryClient();
  const invite = useMutation({
    // The link goes straight to the dialog: a result would be kept in the cache of mutations.
    async mutationFn() {
      const body = { email: email.trim(), roleId, ...(message.trim() !== '' && { message: message.trim() }) };
      const result = await latchkey.invitations.create(body);
      await queryClient.invalidateQueries({ queryKey: ['invitations'] });
      onMade(madeOf(result));
    },
  });
  const footer = (
    <>
      <span className={classes.grow} />
      <Button onClick={onClose}>Cancel</Button>
      <Button
        variant="filled"
        disabled={!email.includes('@') || roleId === ''}
        loading={invite.isPending}
        onClick={() => invite.mutate()}
      >
        Invite
      </Button>
    </>
  );
  return (
    <Dialog title="Invite a person" width={520} onClose={onClose} footer={footer}>
      <div className={classes.fields}>
        <TextInput
          label="E-mail address"
          type="email"
          data-autofocus
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Select
          label="Role"
          allowDeselect={false}
          value={roleId}
          data={roles.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setChosen}
        />
        <Textarea
          label="Message (optional)"
          maxLength={MESSAGE_MAX}
          rows={3}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        {invite.error && <Problem error={invite.error} />}
      </div>
    </Dialog>
  );
}
