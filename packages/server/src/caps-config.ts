import { type Static, Type } from 'typebox';
import { CAPS, type Caps } from './domain/shared/caps.ts';

const cap = (max: number) => Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: max });

/** The settings of the caps, by the names of their environment variables. */
export const CAP_SETTINGS = {
  [CAPS.keysPerMember.setting]: cap(CAPS.keysPerMember.default),
  [CAPS.rolesPerWorkspace.setting]: cap(CAPS.rolesPerWorkspace.default),
  [CAPS.workspacesPerPerson.setting]: cap(CAPS.workspacesPerPerson.default),
  [CAPS.openInvitations.setting]: cap(CAPS.openInvitations.default),
  [CAPS.mailsPerHour.setting]: cap(CAPS.mailsPerHour.default),
} as const;

const CapSettings = Type.Object(CAP_SETTINGS);

export function capsOf(settings: Static<typeof CapSettings>): Caps {
  return {
    keysPerMember: settings[CAPS.keysPerMember.setting],
    rolesPerWorkspace: settings[CAPS.rolesPerWorkspace.setting],
    workspacesPerPerson: settings[CAPS.workspacesPerPerson.setting],
    openInvitations: settings[CAPS.openInvitations.setting],
    mailsPerHour: settings[CAPS.mailsPerHour.setting],
  };
}
