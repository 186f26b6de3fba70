import type { InvitationBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useMe } from '../../data/queries.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem, problemText } from '../../ui/notices.tsx';
import { Page, Tabs } from '../../ui/page.tsx';
import { Name } from '../../ui/person.tsx';
import { dateTimeText } from '../../ui/time.ts';
import { Ago, Time } from '../../ui/time-text.tsx';
import { type Made, MadeDialog, madeOf } from './made-dialog.tsx';
import classes from './members.module.css';
import { InviteButton, MEMBER_TABS } from './members-page.tsx';

const INVITATIONS = ['invitations'] as const;

/** Who was invited, and has not come yet? */
export function InvitationsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: INVITATIONS,
    queryFn: async () => (await latchkey.invitations.list()).invitations,
  });
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Page title="Members" actions={<InviteButton />}>
      <Tabs tabs={MEMBER_TABS} label="Members" />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={4} height={52} />}
      {data?.length === 0 && <p className={classes.none}>No invitation was made yet.</p>}
      {data && data.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th>Invited</th>
              <th className={classes.role}>Role</th>
              <th className={classes.joined}>By</th>
              <th className={classes.joined}>Ends</th>
              <th className={classes.status}>Status</th>
              <th className={classes.wideMenu}>
                <span className={classes.hidden}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((invitation) => (
              <Row key={invitation.id} invitation={invitation} onMade={setMade} />
            ))}
          </tbody>
        </table>
      )}
      {made && <MadeDialog made={made} onClose={() => setMade(null)} />}
      <Outlet />
    </Page>
  );
}

interface RowProps {
  readonly invitation: InvitationBody;
  /** Called with the invitation that replaces this one. */
  readonly onMade: (made: Made) => void;
}

function Row({ invitation, onMade }: RowProps) {
  const { may } = useMe();
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => latchkey.invitations.revoke(invitation.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: INVITATIONS }),
  });
  const resend = useMutation({
    // The link goes straight to the dialog: a result would be kept in the cache of mutations.
    async mutationFn() {
      const result = await latchkey.invitations.resend(invitation.id);
      await queryClient.invalidateQueries({ queryKey: INVITATIONS });
      onMade(madeOf(result));
    },
  });
  const problem = revoke.error ?? resend.error;
  const { email, roleName, inviterDisplayName, expiresAt, status, createdAt } = invitation;
  return (
    <tr>
      <td>
        <span className={classes.names}>
          <b>
            <Name text={email} />
          </b>
          <small>
            <Ago at={createdAt} />
          </small>
        </span>
      </td>
      <td className={classes.role}>
        <Name text={roleName} />
      </td>
      <td className={classes.joined}>
        <Name text={inviterDisplayName} />
      </td>
      <td className={classes.joined}>
        <Time at={expiresAt}>{dateTimeText(Date.parse(expiresAt))}</Time>
      </td>
      <td className={classes.status}>{status.charAt(0).toUpperCase() + status.slice(1)}</td>
      <td className={classes.wideMenu}>
        {(status === 'pending' || status === 'expired') && may('members:invite') && (
          <Button size="compact-sm" loading={resend.isPending} onClick={() => resend.mutate()}>
            Resend
          </Button>
        )}{' '}
        {status === 'pending' && may('members:invite') && (
          <Button size="compact-sm" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        )}
        {problem && <small role="alert">{problemText(problem)}</small>}
      </td>
    </tr>
  );
}
