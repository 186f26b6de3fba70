import { createSession, deleteSession, getMe, requestSignInLink } from '@latchkey/contract';
import { escapeHtml } from '../../../domain/shared/html.ts';
import { CREATE_KEY_PATH, PROVIDER_PATH, SIGN_IN_PATH } from '../urls.ts';

const PROVIDER_LINK = `<p><a class="button" href="${PROVIDER_PATH}">Sign in with your account</a></p>
`;

const MAIL_FORM = `<form id="request">
<label>Your e-mail address<br><input id="email" type="email" autocomplete="email" required maxlength="254"></label>
<button type="submit" id="send">Mail me a sign-in link</button>
</form>
<p id="requested" role="status" hidden>If the address is known here, a mail with a link is on its way.</p>
`;

/** The ways to sign in, besides links that are created with a key. */
export interface SignInWays {
  readonly hasProvider: boolean;
  readonly hasMail: boolean;
}

/**
 * The page that a sign-in link opens, with a link to the identity provider if there is one. Its script selects the
 * text that is shown.
 */
export const signInPage = ({ hasProvider, hasMail }: SignInWays): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Latchkey</title>
<link rel="stylesheet" href="${SIGN_IN_PATH}/style.css">
<script src="${SIGN_IN_PATH}/script.js" defer></script>
</head>
<body data-me="${getMe.path}" data-sessions="${createSession.path}" data-current="${deleteSession.path.replace('{sessionId}', 'current')}" data-request="${requestSignInLink.path}">
<main>
<h1>Latchkey</h1>
<noscript><p>This page needs JavaScript to sign you in.</p></noscript>
<p id="problem" role="alert" hidden></p>
<section id="empty" hidden>
${hasProvider ? PROVIDER_LINK : ''}${hasMail ? MAIL_FORM : ''}<p>You are not signed in. To sign in, create a link on your machine with this command and open it here:</p>
<pre><code>latchkey sign-in</code></pre>
<p>The link is valid once, for 15 minutes.</p>
</section>
<section id="ready" hidden>
<p>This link signs you in. It is valid once, for 15 minutes. Continue only if it was created for you.</p>
<button type="button" id="sign-in">Sign in</button>
</section>
<section id="signed-in" hidden>
<p>You are signed in.</p>
<dl><dt>User</dt><dd id="user"></dd><dt>Workspace</dt><dd id="workspace"></dd></dl>
<p><a href="${CREATE_KEY_PATH}">Create an API key</a></p>
<button type="button" id="sign-out">Sign out</button>
</section>
</main>
</body>
</html>
`;

export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --accent: #2257b0; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1rem; font: 17px/1.55 system-ui, sans-serif; }
main { width: min(26rem, 100%); border: 1px solid var(--line); border-radius: 14px; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; }
pre { border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem; white-space: pre-wrap; font: 0.9rem/1.5 ui-monospace, monospace; }
code { font: inherit; }
dt { font-size: 0.85rem; opacity: 0.75; }
dd { margin: 0 0 0.5rem; }
input, select { width: 100%; min-height: 3rem; margin: 0 0 0.75rem; padding: 0 0.75rem; border: 1px solid var(--line); border-radius: 8px; background: transparent; color: inherit; font: inherit; }
button, .button { display: block; text-align: center; text-decoration: none; line-height: 3rem; width: 100%; min-height: 3rem; border: 0; border-radius: 8px; background: var(--accent); color: #fff; font: inherit; font-weight: 600; }
button:disabled { opacity: 0.6; }
button:focus-visible, .button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
[role='alert'] { border-left: 4px solid #c0392b; padding-left: 0.75rem; }
[hidden] { display: none; }
`;

/** The page that shows why a sign-in failed, with a link to begin again. */
export function problemPage(message: string, requestId: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not signed in to Latchkey</title>
<link rel="stylesheet" href="${SIGN_IN_PATH}/style.css">
</head>
<body>
<main>
<h1>Not signed in</h1>
<p role="alert">${escapeHtml(message)}</p>
<p><a class="button" href="${SIGN_IN_PATH}">Begin again</a></p>
<p><small>Request ${escapeHtml(requestId)}</small></p>
</main>
</body>
</html>
`;
}
