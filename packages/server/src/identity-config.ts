import { type Static, Type } from 'typebox';
import { OperatorError } from './domain/shared/operator-error.ts';

/** System roles only, since nobody can rename or widen those, and none that manages people. */
const PROVISIONED_ROLES = ['Member', 'Viewer'] as const;

/** The settings of the identity provider, by the names of their environment variables. */
export const IDENTITY_SETTINGS = {
  LATCHKEY_OIDC_ISSUER: Type.Optional(Type.String()),
  LATCHKEY_OIDC_AUDIENCE: Type.Optional(Type.String()),
  LATCHKEY_OIDC_WORKSPACE_CLAIM: Type.String({ minLength: 1, default: 'latchkey_workspace' }),
  LATCHKEY_OIDC_JIT_ROLE: Type.Optional(
    Type.Unsafe<(typeof PROVISIONED_ROLES)[number]>({ type: 'string', enum: [...PROVISIONED_ROLES] }),
  ),
  LATCHKEY_OIDC_JIT_WORKSPACE: Type.Optional(Type.String()),
};

const Settings = Type.Object(IDENTITY_SETTINGS);
type Settings = Static<typeof Settings>;

export interface IdentityConfig {
  /** To the letter as the provider writes it into tokens. */
  readonly issuer: string;
  /** What tokens for this service have as their audience. */
  readonly audience: string;
  /** The claim that names the workspace of somebody who belongs to several. */
  readonly workspaceClaim: string;
  /** Where people become members by having a token, and as what; null: nowhere. */
  readonly provisioning: {
    readonly workspaceId: string;
    readonly roleName: (typeof PROVISIONED_ROLES)[number];
  } | null;
}

/** Null: there is no identity provider. Throws OperatorError where settings contradict each other. */
export function identityConfigOf(settings: Settings): IdentityConfig | null {
  const { LATCHKEY_OIDC_ISSUER: issuer, LATCHKEY_OIDC_AUDIENCE: audience } = settings;
  requireTogether(settings, 'LATCHKEY_OIDC_AUDIENCE', 'LATCHKEY_OIDC_ISSUER');
  requireTogether(settings, 'LATCHKEY_OIDC_JIT_WORKSPACE', 'LATCHKEY_OIDC_JIT_ROLE');
  if (issuer === undefined || audience === undefined) {
    if (settings.LATCHKEY_OIDC_JIT_ROLE === undefined) return null;
    throw bad('LATCHKEY_OIDC_JIT_ROLE', 'needs LATCHKEY_OIDC_ISSUER');
  }
  requireSafeIssuer(issuer);
  const workspaceClaim = settings.LATCHKEY_OIDC_WORKSPACE_CLAIM;
  return { issuer, audience, workspaceClaim, provisioning: provisioningOf(settings) };
}

function provisioningOf(settings: Settings): IdentityConfig['provisioning'] {
  const { LATCHKEY_OIDC_JIT_ROLE: roleName, LATCHKEY_OIDC_JIT_WORKSPACE: workspaceId } = settings;
  return roleName === undefined || workspaceId === undefined ? null : { roleName, workspaceId };
}

function requireTogether(settings: Settings, one: keyof Settings, other: keyof Settings): void {
  if (settings[one] !== undefined && settings[other] === undefined) throw bad(one, `needs ${other}`);
  if (settings[other] !== undefined && settings[one] === undefined) throw bad(other, `needs ${one}`);
}

/** OpenID Connect Discovery 1.0, section 4.3; the keys come from there, so nobody on the way may change them. */
function requireSafeIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!url || !isSafe || /[?#@]/.test(issuer))
    throw bad(
      'LATCHKEY_OIDC_ISSUER',
      'must be an https URL without query and fragment (http on loopback only)',
    );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function bad(name: string, problem: string): OperatorError {
  return new OperatorError(`bad setting: ${name} ${problem}`);
}
