import type { InvitationBody, MemberBody, RoleBody } from '@latchkey/contract';
import type { Latchkey } from '@latchkey/sdk';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';

/** The workspace in which the credential acts. */
export async function workspaceIdOf(latchkey: Latchkey): Promise<string> {
  const { caller } = await latchkey.me();
  return caller.workspaceId;
}

export async function allMembers(latchkey: Latchkey, workspaceId: string): Promise<MemberBody[]> {
  return collect(latchkey.members.listAll(workspaceId));
}

export async function allRoles(latchkey: Latchkey, workspaceId: string): Promise<RoleBody[]> {
  return collect(latchkey.roles.listAll(workspaceId));
}

/** Newest first. */
export async function allInvitations(latchkey: Latchkey): Promise<InvitationBody[]> {
  return collect(latchkey.invitations.listAll());
}

/** Every item of a list, read page by page. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The member with this id or address. Throws a Failure, exit code 4, if there is none. */
export async function findMember(latchkey: Latchkey, workspaceId: string, text: string): Promise<MemberBody> {
  const members = await allMembers(latchkey, workspaceId);
  const member = members.find(({ userId, email }) => userId === text || isSame(email, text));
  return member ?? notFound(`no member has the id or the address ${text}`, 'latchkey members list');
}

/** The role with this id or name. Throws a Failure, exit code 4, if there is none. */
export async function findRole(latchkey: Latchkey, workspaceId: string, text: string): Promise<RoleBody> {
  const roles = await allRoles(latchkey, workspaceId);
  const role = roles.find(({ id, name }) => id === text || isSame(name, text));
  return role ?? notFound(`no role has the id or the name ${text}`, 'latchkey roles list');
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function notFound(message: string, list: string): never {
  throw new Failure({ exitCode: EXIT.notFound, code: 'NOT_FOUND', message, hint: `${list} shows them` });
}
