import { AppError } from './app-error.ts';

interface Cap {
  /** The environment variable with which the operator sets the maximum. */
  readonly setting: string;
  readonly default: number;
  /** The two parts of the error message at the cap: what has reached it, and what to do. */
  readonly reached: (max: number) => { readonly fact: string; readonly advice: string };
}

/** The maxima of what callers can create. Each is checked in the transaction that creates one more. */
export const CAPS = {
  keysPerMember: {
    setting: 'LATCHKEY_KEYS_PER_MEMBER_MAX',
    default: 1_000,
    reached: (max) => ({
      fact: `The owner has ${max} keys that are not revoked`,
      advice: 'revoke keys that are no longer used',
    }),
  },
  rolesPerWorkspace: {
    setting: 'LATCHKEY_ROLES_PER_WORKSPACE_MAX',
    default: 100,
    reached: (max) => ({
      fact: `The workspace has ${max} roles`,
      advice: 'delete roles that no member has',
    }),
  },
  workspacesPerPerson: {
    setting: 'LATCHKEY_WORKSPACES_PER_PERSON_MAX',
    default: 10,
    reached: (max) => ({
      fact: `You have made ${max} workspaces`,
      advice: 'delete one that is no longer used',
    }),
  },
  openInvitations: {
    setting: 'LATCHKEY_OPEN_INVITATIONS_MAX',
    default: 100,
    reached: (max) => ({
      fact: `The workspace has ${max} open invitations`,
      advice: 'revoke invitations that are no longer wanted',
    }),
  },
  mailsPerHour: {
    setting: 'LATCHKEY_MAILS_PER_HOUR_MAX',
    default: 50,
    reached: (max) => ({
      fact: `The workspace has sent ${max} mails within an hour`,
      advice: 'wait, or set skipEmail to true and give the token to the invited person yourself',
    }),
  },
} as const satisfies Record<string, Cap>;

export type CapName = keyof typeof CAPS;

export type Caps = Readonly<Record<CapName, number>>;

export const DEFAULT_CAPS: Caps = {
  keysPerMember: CAPS.keysPerMember.default,
  rolesPerWorkspace: CAPS.rolesPerWorkspace.default,
  workspacesPerPerson: CAPS.workspacesPerPerson.default,
  openInvitations: CAPS.openInvitations.default,
  mailsPerHour: CAPS.mailsPerHour.default,
};

/** Throws LIMIT_REACHED, naming the cap and its setting, when `count` has reached the cap. */
export function requireRoom(caps: Caps, name: CapName, count: number): void {
  const max = caps[name];
  if (count < max) return;
  const { setting, reached } = CAPS[name];
  const { fact, advice } = reached(max);
  throw new AppError('LIMIT_REACHED', {
    message: `${fact}, which is the limit (${setting}): ${advice}, or ask the operator to raise the limit`,
  });
}
