import { type Static, Type } from 'typebox';
import { OperatorError } from './domain/shared/operator-error.ts';

/** System roles only, since nobody can rename or widen those, and none that manages people. */
const PROVISIONED_ROLES = ['Member', 'Viewer'] as const;

/** The settings of the identity provider, by the names of their environment variables. */
export const IDENTITY_SETTINGS = {
  LATCHKEY_OIDC_ISSUER: Type.Optional(Type.String()),
  LATCHKEY_OIDC_AUDIENCE: Type.Optional(Type.String()),
  LATCHKEY_OIDC_CLIENT_ID: Type.Optional(Type.String()),
  LATCHKEY_OIDC_CLIENT_SECRET_FILE: Type.Optional(Type.String()),
  LATCHKEY_OIDC_TRUST_EMAILS_OF: Type.Optional(Type.String()),
  LATCHKEY_OIDC_WORKSPACE_CLAIM: Type.String({ minLength: 1, default: 'latchkey_workspace' }),
  LATCHKEY_OIDC_JIT_ROLE: Type.Optional(
    Type.Unsafe<(typeof PROVISIONED_ROLES)[number]>({ type: 'string', enum: [...PROVISIONED_ROLES] }),
  ),
  LATCHKEY_OIDC_JIT_WORKSPACE: Type.Optional(Type.String()),
};

const Settings = Type.Object(IDENTITY_SETTINGS);
type Settings = Static<typeof Settings>;

/** Settings that mean nothing without another one. */
const NEEDS: readonly (readonly [keyof Settings, keyof Settings])[] = [
  ['LATCHKEY_OIDC_ISSUER', 'LATCHKEY_OIDC_AUDIENCE'],
  ['LATCHKEY_OIDC_AUDIENCE', 'LATCHKEY_OIDC_ISSUER'],
  ['LATCHKEY_OIDC_CLIENT_ID', 'LATCHKEY_OIDC_ISSUER'],
  ['LATCHKEY_OIDC_CLIENT_SECRET_FILE', 'LATCHKEY_OIDC_CLIENT_ID'],
  ['LATCHKEY_OIDC_TRUST_EMAILS_OF', 'LATCHKEY_OIDC_ISSUER'],
  ['LATCHKEY_OIDC_JIT_ROLE', 'LATCHKEY_OIDC_JIT_WORKSPACE'],
  ['LATCHKEY_OIDC_JIT_WORKSPACE', 'LATCHKEY_OIDC_JIT_ROLE'],
  ['LATCHKEY_OIDC_JIT_ROLE', 'LATCHKEY_OIDC_ISSUER'],
];

export interface IdentityConfig {
  /** To the letter as the provider writes it into tokens. */
  readonly issuer: string;
  /** What tokens for this service have as their audience. */
  readonly audience: string;
  /** Who we are to the provider when people sign in there; null: they do not. */
  readonly client: {
    readonly clientId: string;
    /** Null: a public client. */
    readonly secretFile: string | null;
  } | null;
  /** The claim that names the workspace of somebody who belongs to several. */
  readonly workspaceClaim: string;
  /** Is an address of the provider verified where it does not say whether it is? */
  readonly trustsEmails: boolean;
  /** Where people become members by having a token, and as what; null: nowhere. */
  readonly provisioning: {
    readonly workspaceId: string;
    readonly roleName: (typeof PROVISIONED_ROLES)[number];
  } | null;
}

/** Null: there is no identity provider. Throws OperatorError where settings contradict each other. */
export function identityConfigOf(settings: Settings): IdentityConfig | null {
  for (const [name, needed] of NEEDS) {
    if (settings[name] !== undefined && settings[needed] === undefined) throw bad(name, `needs ${needed}`);
  }
  const { LATCHKEY_OIDC_ISSUER: issuer, LATCHKEY_OIDC_AUDIENCE: audience } = settings;
  if (issuer === undefined || audience === undefined) return null;
  requireSafeIssuer(issuer);
  const workspaceClaim = settings.LATCHKEY_OIDC_WORKSPACE_CLAIM;
  return {
    issuer,
    audience,
    client: clientOf(settings),
    workspaceClaim,
    trustsEmails: trustsEmails(settings, issuer),
    provisioning: provisioningOf(settings),
  };
}

function clientOf(settings: Settings): IdentityConfig['client'] {
  const { LATCHKEY_OIDC_CLIENT_ID: clientId, LATCHKEY_OIDC_CLIENT_SECRET_FILE: secretFile = null } = settings;
  return clientId === undefined ? null : { clientId, secretFile };
}

/** The setting names the provider, so that the trust does not pass to another one that takes its place. */
function trustsEmails({ LATCHKEY_OIDC_TRUST_EMAILS_OF: trusted }: Settings, issuer: string): boolean {
  if (trusted !== undefined && trusted !== issuer)
    throw bad('LATCHKEY_OIDC_TRUST_EMAILS_OF', 'must be the same as LATCHKEY_OIDC_ISSUER, or not be set');
  return trusted !== undefined;
}

function provisioningOf(settings: Settings): IdentityConfig['provisioning'] {
  const { LATCHKEY_OIDC_JIT_ROLE: roleName, LATCHKEY_OIDC_JIT_WORKSPACE: workspaceId } = settings;
  return roleName === undefined || workspaceId === undefined ? null : { roleName, workspaceId };
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
