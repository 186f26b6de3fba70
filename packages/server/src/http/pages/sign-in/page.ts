import { createSession, deleteSession, getMe, requestSignInLink } from '@latchkey/contract';
import { escapeHtml } from '../../../domain/shared/html.ts';
import { layout, type PageParts } from '../page.ts';
import { CREATE_KEY_PATH, PROVIDER_PATH, SIGN_IN_PATH } from '../urls.ts';

const WITH_PROVIDER = `<div class="way">
<a class="button" href="${PROVIDER_PATH}">Sign in with your account</a>
</div>
`;

const BY_MAIL = `<div class="way">
<form id="request">
<label>Your e-mail address<input id="email" type="email" autocomplete="email" required maxlength="254"></label>
<button type="submit" id="send">Mail me a sign-in link</button>
<p id="requested" role="status"></p>
</form>
</div>
`;

const BY_COMMAND = `<div class="way">
<p>To sign in with a command, run it on the machine of the service, or with an API key, and open the link that it prints:</p>
<pre><code>latchkey sign-in</code></pre>
<p class="muted">The link works once, within 15 minutes. An owner of your workspace can make one for you.</p>
</div>
`;

/** The ways to sign in, besides links that are created with a key. */
export interface SignInWays {
  readonly hasProvider: boolean;
  readonly hasMail: boolean;
}

/** The page that a sign-in link opens, with the other ways to sign in. Its script selects the view that is shown. */
export const signInPage = ({ hasProvider, hasMail }: SignInWays): PageParts => ({
  title: 'Sign in',
  data: {
    me: getMe.path,
    sessions: createSession.path,
    current: deleteSession.path.replace('{sessionId}', 'current'),
    request: requestSignInLink.path,
  },
  main: `<p id="problem" role="alert" hidden></p>
<section data-view="empty" data-title="Sign in" hidden>
<p class="muted">You are not signed in.</p>
${hasProvider ? WITH_PROVIDER : ''}${hasMail ? BY_MAIL : ''}${BY_COMMAND}</section>
<section data-view="ready" data-title="Sign in" hidden>
<p>This link signs you in. It works once, within 15 minutes. Continue only if it was made for you.</p>
<button type="button" id="sign-in">Sign in</button>
</section>
<section data-view="signed-in" data-title="Your session" hidden>
<p>You are signed in.</p>
<dl><dt>User</dt><dd id="user"></dd><dt>Workspace</dt><dd id="workspace"></dd></dl>
<a class="button" href="${CREATE_KEY_PATH}">Create an API key</a>
<button type="button" class="second" id="sign-out">Sign out</button>
</section>`,
});

/** The page that shows why a sign-in failed, with a link to begin again. */
export const problemPage = (message: string, requestId: string): string =>
  layout({
    title: 'Not signed in',
    main: `<p role="alert">${escapeHtml(message)}.</p>
<a class="button" href="${SIGN_IN_PATH}">Begin again</a>
<p class="muted"><small>If this happens again, give this request id to an operator of the service: ${escapeHtml(requestId)}</small></p>`,
  });
