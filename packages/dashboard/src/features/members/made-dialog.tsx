import { Button } from '@mantine/core';
import type { latchkey } from '../../data/client.ts';
import { CopyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import classes from './members.module.css';

/** An invitation that was made. Its link has a token, which is shown only here. */
export interface Made {
  readonly email: string;
  readonly acceptUrl: string;
  /** Why no mail was sent; null if one was. */
  readonly warning: string | null;
}

type Result = Awaited<ReturnType<typeof latchkey.invitations.create>>;

/** What the dialog shows of the answer. */
export const madeOf = ({ invitation, emailWarning }: Result): Made => ({
  email: invitation.email,
  acceptUrl: invitation.acceptUrl ?? '',
  warning: emailWarning,
});

/** Shows the link of a new invitation, once. */
export function MadeDialog({ made, onClose }: { made: Made; onClose: () => void }) {
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
