import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { changeAs } from '../workspaces/change-as.ts';
import type { SessionNeeds } from './session-stores.ts';
import { generateToken } from './session-token.ts';
import { SIGN_IN_LINK_KEPT_MS, type SignInLink, signInLinkFacts } from './sign-in-link.ts';
import { requireStandingIn } from './standing-in.ts';

export interface CreatedSignInLink {
  readonly link: SignInLink;
  /** Whole, for the only time. */
  readonly token: string;
}

/**
 * Makes a link that signs the caller's user in. PERMISSION_DENIED for a key that is weaker than its owner, and for a
 * session or a token, which could live on for ever that way; KEY_REVOKED.
 */
export async function createSignInLink(needs: SessionNeeds, caller: Caller): Promise<CreatedSignInLink> {
  if (caller.kind === 'session' || caller.kind === 'token')
    throw new AppError('PERMISSION_DENIED', {
      message: 'A session cannot be made from another one or from a token; use a key',
    });
  return changeAs(needs, caller, [], async (stores, caller, now) => {
    await requireStandingIn(stores.members, caller);
    const { workspaceId, userId, keyId } = caller;
    const times = { createdAt: now, expiresAt: now + SIGN_IN_LINK_KEPT_MS };
    const link = { id: newId('link'), workspaceId, userId, keyId, ...times };
    const token = generateToken('signin');
    await stores.signInLinks.put(link, needs.keyring.digest(token));
    const target = { kind: 'sign-in-link', id: link.id } as const;
    const after = signInLinkFacts(link);
    const change = { eventType: 'sign-in-link.created', target, before: null, after } as const;
    await recordChange(stores.audit, caller, change, now);
    return { link, token };
  });
}
