import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useRoles } from '../../data/queries.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/problem.tsx';
import classes from './members.module.css';

const MESSAGE_MAX = 500;

/** An invitation that was made. Its link has a token, which is shown only here. */
interface Made {
  readonly email: string;
  readonly acceptUrl: string;
  /** Why no mail was sent; null if one was. */
  readonly warning: string | null;
}

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
      const { invitation, emailWarning } = await latchkey.invitations.create(body);
      await queryClient.invalidateQueries({ queryKey: ['invitations'] });
      onMade({ email: invitation.email, acceptUrl: invitation.acceptUrl ?? '', warning: emailWarning });
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

function MadeDialog({ made, onClose }: { made: Made; onClose: () => void }) {
  const footer = (
    <>
      <span className={classes.grow} />
      <Button variant="filled" onClick={onClose}>
        Done
      </Button>
    </>
  );
  return (
    <Dialog
      title={
        <>
          “<bdi>{made.email}</bdi>” is invited
        </>
      }
      width={560}
      footer={footer}
    >
      <div className={classes.fields}>
        <p>
          {made.warning === null
            ? 'A mail with a link was sent. You can also pass this link on yourself.'
            : 'No mail was sent: pass this link on yourself.'}{' '}
          It works once, for 7 days, and cannot be shown again.
        </p>
        <p className={classes.linkBox}>
          <code>{made.acceptUrl}</code>
          <CopyButton text={made.acceptUrl} label="Copy the link" />
        </p>
      </div>
    </Dialog>
  );
}
