import { type Static, Type } from 'typebox';
import { Id, Timestamp } from './primitives.ts';

export const MEMBER_STATUSES = ['active', 'suspended'] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

export const MemberStatusSchema = Type.Unsafe<MemberStatus>({ type: 'string', enum: [...MEMBER_STATUSES] });

export const Member = Type.Object(
  {
    userId: Id,
    workspaceId: Id,
    email: Type.String(),
    displayName: Type.String(),
    roleId: Id,
    roleName: Type.String(),
    status: MemberStatusSchema,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'Member' },
);

export type MemberBody = Static<typeof Member>;
