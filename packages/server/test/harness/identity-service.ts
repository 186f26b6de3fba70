import { expect } from 'vitest';
import type { IdentityParts } from '../../src/compose.ts';
import type { Bootstrapped } from '../../src/domain/bootstrap/bootstrap-service.ts';
import type { Provisioning } from '../../src/domain/identity/provision-member.ts';
import { OidcIdentityProvider } from '../../src/identity/oidc-identity-provider.ts';
import { OidcSignIn } from '../../src/identity/oidc-sign-in.ts';
import {
  AUDIENCE,
  CLIENT,
  type Forgery,
  TestIdentityProvider,
  WORKSPACE_CLAIM,
} from './identity-provider.ts';
import { TestClock } from './test-clock.ts';
import { type Answer, PUBLIC_URL, startTestService, type TestService } from './test-service.ts';

/** The address of the account `ada`. */
export const ADA = 'ada@example.com';

/** The test service with a real identity provider, where `ada` has an account with a verified address. */
export interface IdentityService extends TestService {
  readonly idp: TestIdentityProvider;
  /** Invites a person to a workspace (by default as a Viewer of the owner's) and accepts for them. Returns their user id. */
  invite(email?: string, roleName?: string, workspace?: TestService['owner']): Promise<string>;
  /** Claims a member for an account, by default that of `ada`, which is offered it. */
  join(userId: string, subject?: string): Promise<void>;
  /** `GET /me` with a token. */
  me(token: string): Promise<Answer>;
  /** Status and code of `GET /me` with a token that has these claims about an account. */
  ask(subject?: string, claims?: Forgery['claims']): Promise<Outcome>;
  /** The types of the entries in the owner's log, the oldest first. */
  events(): Promise<string[]>;
}

export type Outcome = [status: number, code: string];

export function outcomeOf({ status, body }: Answer): Outcome {
  return [status, body.data.error?.code ?? 'ok'];
}

/** The provider uses the system time, so the service starts with it. `joiningAs`: the role of strangers who join. */
export async function startIdentityService(
  joiningAs: Provisioning['roleName'] | null = null,
  publicUrl: string | null = PUBLIC_URL,
): Promise<IdentityService> {
  const idp = await TestIdentityProvider.start();
  idp.accounts.set('ada', { email: ADA, email_verified: true });
  const clock = new TestClock(Date.now());
  const identityFor = ({ workspaceId }: Bootstrapped): IdentityParts => {
    const expected = {
      issuer: idp.issuer,
      audience: AUDIENCE,
      workspaceClaim: WORKSPACE_CLAIM,
      trustsEmails: false,
    };
    // The provider uses the system time, so the clock follows it, plus the time that the test has added.
    const running = { now: () => Date.now() + clock.monotonic() };
    const provider = new OidcIdentityProvider({ ...expected, clock: running, onTrouble() {} });
    const signIn = new OidcSignIn({ ...expected, ...CLIENT, clock: running, onTrouble() {} });
    return { provider, signIn, provisioning: joiningAs && { workspaceId, roleName: joiningAs } };
  };
  const service = await startTestService({ clock, publicUrl, identityFor });
  const me = (token: string) => service.call('GET', '/api/v2/me', { as: token });
  return {
    ...service,
    idp,
    me,
    async invite(email = ADA, roleName = 'Viewer', workspace = service.owner) {
      const role = await service.storage.roles.findByName(workspace.workspaceId, roleName);
      const url = '/api/v2/workspaces/invitations';
      const body = { email, roleId: role?.id, skipEmail: true };
      const invited = await service.call('POST', url, { as: workspace.secret, body });
      const { token } = invited.body.data.result.invitation;
      const accepted = await service.call('POST', `${url}/accept`, { body: { token } });
      expect(accepted.status).toBe(201);
      return accepted.body.data.result.member.userId;
    },
    async join(userId, subject = 'ada') {
      const url = `/api/v2/account/offers/${userId}/join`;
      const answer = await service.call('POST', url, { as: await idp.tokenFor(subject) });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    },
    ask: async (subject = 'ada', claims = {}) => outcomeOf(await me(await idp.forge(subject, { claims }))),
    async events() {
      const page = { sortOrder: 'asc', limit: 100, offset: 0, after: null } as const;
      const { items: entries } = await service.storage.audit.list(service.owner.workspaceId, {}, page);
      return entries.map(({ eventType }) => eventType);
    },
    async close() {
      await service.close();
      await idp.close();
    },
  };
}
