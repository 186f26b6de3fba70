import { type Static, Type } from 'typebox';
import { badSetting } from '../domain/shared/operator-error.ts';
import { isLoopback } from './network.ts';

/** Only system roles, which cannot be renamed or given more permissions, and none that manages members. */
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

/** Pairs of settings: the first one requires the second one. */
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
  /** Exactly as the provider writes it into tokens (claim `iss`). */
  readonly issuer: string;
  /** The audience (claim `aud`) of tokens for this service. */
  readonly audience: string;
  /** The OAuth client of this service at the provider, for sign-in; null: people cannot sign in there. */
  readonly client: {
    readonly clientId: string;
    /** Null: a public client. */
    readonly secretFile: string | null;
  } | null;
  /** The claim that names the workspace if a person is a member of several. */
  readonly workspaceClaim: string;
  /** Does an e-mail address count as verified if the token has no claim that says so? */
  readonly trustsEmails: boolean;
  /** The workspace and role that a person with a valid token gets on the first call; null: none. */
  readonly provisioning: {
    readonly workspaceId: string;
    readonly roleName: (typeof PROVISIONED_ROLES)[number];
  } | null;
}

/** Null: there is no identity provider. Throws OperatorError if a setting is invalid or lacks another that it requires. */
export function identityConfigOf(settings: Settings): IdentityConfig | null {
  for (const [name, needed] of NEEDS) {
    if (settings[name] !== undefined && settings[needed] === undefined)
      throw badSetting(name, `needs ${needed}`);
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

/** The setting repeats the issuer, so that a change of the provider does not keep the trust. */
function trustsEmails({ LATCHKEY_OIDC_TRUST_EMAILS_OF: trusted }: Settings, issuer: string): boolean {
  if (trusted !== undefined && trusted !== issuer)
    throw badSetting(
      'LATCHKEY_OIDC_TRUST_EMAILS_OF',
      'must be the same as LATCHKEY_OIDC_ISSUER, or not be set',
    );
  return trusted !== undefined;
}

function provisioningOf(settings: Settings): IdentityConfig['provisioning'] {
  const { LATCHKEY_OIDC_JIT_ROLE: roleName, LATCHKEY_OIDC_JIT_WORKSPACE: workspaceId } = settings;
  return roleName === undefined || workspaceId === undefined ? null : { roleName, workspaceId };
}

/** OpenID Connect Discovery 1.0, section 4.3. The signing keys come from there, so the connection must be protected. */
function requireSafeIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!url || !isSafe || /[?#@]/.test(issuer))
    throw badSetting(
      'LATCHKEY_OIDC_ISSUER',
      'must be an https URL without query and fragment (http on loopback only)',
    );
}
