import { acceptInvitation, getMe } from '@latchkey/contract';
import { fixedPage, htmlPage, type Page } from '../page.ts';
import { ACCEPT_PATH, CREATE_KEY_PATH, SIGN_IN_PATH } from '../urls.ts';
import { SCRIPT } from './script.ts';

/** The page that the link of an invitation opens. Its script selects the text that is shown. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Invitation to Latchkey</title>
<link rel="stylesheet" href="${SIGN_IN_PATH}/style.css">
<script src="${ACCEPT_PATH}/script.js" defer></script>
</head>
<body data-accept="${acceptInvitation.path}" data-me="${getMe.path}">
<main>
<h1>Invitation to Latchkey</h1>
<noscript><p>This page needs JavaScript to accept an invitation.</p></noscript>
<p id="outcome" role="status" aria-live="polite"></p>
<form id="form" hidden>
<p>Accept only if the invitation was made for you. It can be accepted once.</p>
<p><label>Your name in this workspace<br><input id="name" autocomplete="name" maxlength="100"></label></p>
<p><button type="submit" id="accept">Accept the invitation</button></p>
</form>
<section id="joined" hidden>
<p>You are signed in.</p>
<p id="next" hidden>Next, create your own key: <a href="${CREATE_KEY_PATH}">Create an API key</a>.</p>
<p><a href="${SIGN_IN_PATH}">Show where you are signed in</a></p>
<p>Your role gives you these permissions:</p>
<ul id="permissions"></ul>
</section>
</main>
</body>
</html>
`;

/** The page that invitation links open. It needs no credential: the token is never sent to the server. */
export const ACCEPT_INVITATION_PAGES: readonly Page[] = [
  htmlPage(ACCEPT_PATH, PAGE),
  fixedPage(`${ACCEPT_PATH}/script.js`, 'text/javascript', SCRIPT),
];
