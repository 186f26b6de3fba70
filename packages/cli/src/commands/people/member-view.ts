import type { ExceedingKeyBody, MemberBody } from '@latchkey/contract';
import type { Column, Fact } from '../../terminal/table.ts';
import { toMinute } from '../keys/key-view.ts';

export const MEMBER_COLUMNS: readonly Column<MemberBody>[] = [
  { title: 'ID', importance: 9, text: ({ userId }) => userId },
  { title: 'EMAIL', importance: 8, widthMin: 12, text: ({ email }) => email },
  { title: 'NAME', importance: 5, widthMin: 10, text: ({ displayName }) => displayName },
  { title: 'ROLE', importance: 7, widthMin: 8, text: ({ roleName }) => roleName },
  {
    title: 'STATUS',
    importance: 6,
    text: ({ status }) => status,
    format: ({ status }) => (status === 'active' ? 'green' : 'yellow'),
  },
  { title: 'JOINED', importance: 3, text: ({ createdAt }) => toMinute(createdAt, '') },
];

export function memberFacts(member: MemberBody): Fact[] {
  return [
    ['id', member.userId],
    ['email', member.email],
    ['name', member.displayName],
    ['role', `${member.roleName} (${member.roleId})`],
    ['status', member.status],
    ['workspace', member.workspaceId],
    ['joined', member.createdAt],
    ['changed', member.updatedAt],
  ];
}

/** The lines about keys that have more permissions than the role of their owner. */
export function exceedingFacts(keys: readonly ExceedingKeyBody[]): Fact[] {
  if (keys.length === 0) return [];
  return [
    ['exceeding keys', keys.map(({ id, name, exceeding }) => `${id} (${name}): ${exceeding.join(', ')}`)],
  ];
}
