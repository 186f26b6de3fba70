import type { InvitationBody, InvitationStatus } from '@latchkey/contract';
import type { Format } from '../../terminal/style.ts';
import type { Column, Fact } from '../../terminal/table.ts';
import { toMinute } from '../keys/key-view.ts';

const STATUS_FORMATS: Readonly<Record<InvitationStatus, Format>> = {
  pending: 'yellow',
  accepted: 'green',
  revoked: 'red',
  expired: 'red',
};

export const INVITATION_COLUMNS: readonly Column<InvitationBody>[] = [
  { title: 'ID', importance: 9, text: ({ id }) => id },
  { title: 'EMAIL', importance: 8, widthMin: 12, text: ({ email }) => email },
  { title: 'ROLE', importance: 6, widthMin: 8, text: ({ roleName }) => roleName },
  {
    title: 'STATUS',
    importance: 7,
    text: ({ status }) => status,
    format: ({ status }) => STATUS_FORMATS[status] ?? 'dim',
  },
  { title: 'EXPIRES', importance: 5, text: ({ expiresAt }) => toMinute(expiresAt, '') },
  { title: 'INVITED BY', importance: 3, widthMin: 10, text: ({ inviterEmail }) => inviterEmail },
];

export function invitationFacts(invitation: InvitationBody): Fact[] {
  const { acceptUrl } = invitation;
  return [
    ['id', invitation.id],
    ['email', invitation.email],
    ['role', `${invitation.roleName} (${invitation.roleId})`],
    ['status', invitation.status],
    ['expires', invitation.expiresAt],
    ...(acceptUrl === undefined ? [] : [['accept at', acceptUrl] as const]),
  ];
}
