import type { MemberBody } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { latchkey } from '../../data/client.ts';
import { KEYS, membersQuery, useMe } from '../../data/queries.ts';
import { ReasonedButton } from '../../ui/buttons.tsx';
import { IconPlayerPause, IconUserPlus } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { count } from '../../ui/numbers.ts';
import { Page, Tabs } from '../../ui/page.tsx';
import { Initials, Name } from '../../ui/person.tsx';
import { Ago } from '../../ui/time-text.tsx';
import { MemberMenu } from './member-menu.tsx';
import classes from './members.module.css';

/** More members would need too many calls. */
const COUNTED_MAX = 50;

export const MEMBER_TABS = [
  { to: '/members', label: 'Members' },
  { to: '/members/invitations', label: 'Invitations' },
] as const;

/** Who is here, and what does each hold? */
export function MembersPage() {
  const me = useMe();
  const { data: members, error, refetch } = useQuery(membersQuery(me.workspaceId));
  return (
    <Page title="Members" actions={<InviteButton />}>
      <Tabs tabs={MEMBER_TABS} label="Members" />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!members && !error && <Skeleton rows={8} height={52} />}
      {members && <MemberTable members={members} />}
      <Outlet />
    </Page>
  );
}

export function InviteButton() {
  const { may } = useMe();
  const navigate = useNavigate();
  return (
    <ReasonedButton
      variant="filled"
      leftSection={<IconUserPlus size={16} stroke={1.75} aria-hidden />}
      reason={may('members:invite') ? null : 'Your role cannot invite. It needs members:invite.'}
      onClick={() => void navigate({ to: '/members/invitations/new' })}
    >
      Invite
    </ReasonedButton>
  );
}

function MemberTable({ members }: { members: readonly MemberBody[] }) {
  const { may } = useMe();
  const hasCounts = may('api-keys:manage-others') && members.length <= COUNTED_MAX;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>Member</th>
          <th className={classes.role}>Role</th>
          {hasCounts && <th className={classes.keys}>Active keys</th>}
          <th className={classes.joined}>Joined</th>
          <th className={classes.status}>Status</th>
          <th className={classes.menu}>
            <span className={classes.hidden}>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <MemberRow key={member.userId} member={member} hasCount={hasCounts} />
        ))}
      </tbody>
    </table>
  );
}

function MemberRow({ member, hasCount }: { member: MemberBody; hasCount: boolean }) {
  const me = useMe();
  const { userId, displayName, email, roleName, status, createdAt } = member;
  return (
    <tr>
      <td>
        <span className={classes.person}>
          <Initials name={displayName} />
          <span className={classes.names}>
            <b>
              <Name text={displayName} /> {userId === me.userId && <small>you</small>}
            </b>
            <small>
              <Name text={email} />
            </small>
          </span>
        </span>
      </td>
      <td className={classes.role}>
        <Name text={roleName} />
      </td>
      {hasCount && (
        <td className={classes.keys}>
          <KeysHeld userId={userId} />
        </td>
      )}
      <td className={classes.joined}>
        <Ago at={createdAt} />
      </td>
      <td className={classes.status}>
        {status === 'active' ? (
          'Active'
        ) : (
          <span className={classes.suspended}>
            <IconPlayerPause size={14} stroke={1.75} aria-hidden /> Suspended
          </span>
        )}
      </td>
      <td className={classes.menu}>
        <MemberMenu member={member} />
      </td>
    </tr>
  );
}

function KeysHeld({ userId }: { userId: string }) {
  const { data } = useQuery({
    queryKey: [...KEYS, 'held', userId],
    queryFn: async () => (await latchkey.keys.list({ userId, status: 'active', limit: 1 })).pagination.total,
  });
  return data === undefined ? null : count(data);
}
