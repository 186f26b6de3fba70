import { createApiKey, getMe } from '@latchkey/contract';
import { fixedPage, htmlPage, type Page } from '../page.ts';
import { CREATE_KEY_PATH, SIGN_IN_PATH } from '../urls.ts';
import { SCRIPT } from './script.ts';

/** The page on which a signed-in person creates a key of their own. Its script decides what is visible. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Create an API key</title>
<link rel="stylesheet" href="${SIGN_IN_PATH}/style.css">
<script src="${CREATE_KEY_PATH}/script.js" defer></script>
</head>
<body data-me="${getMe.path}" data-keys="${createApiKey.path}">
<main>
<h1>Create an API key</h1>
<noscript><p>This page needs JavaScript to create a key.</p></noscript>
<p id="problem" role="alert" hidden></p>
<section id="signed-out" hidden>
<p>You are not signed in.</p>
<a class="button" href="${SIGN_IN_PATH}">Sign in</a>
</section>
<form id="form" hidden>
<label>Name<br><input id="name" autocomplete="off" required maxlength="100" placeholder="Billing service"></label>
<label>Permissions<br><select id="permissions">
<option value="read">Read only</option>
<option value="all">All that my role allows</option>
</select></label>
<label>Expires<br><select id="expiry">
<option value="30">In 30 days</option>
<option value="90" selected>In 90 days</option>
<option value="365">In a year</option>
<option value="">Never</option>
</select></label>
<button type="submit" id="create">Create my key</button>
</form>
<section id="created" hidden>
<p>This is your key. Store it now: it is shown only once.</p>
<pre><code id="key"></code></pre>
<button type="button" id="copy">Copy the key</button>
<p id="copied" role="status"></p>
<p>Try it:</p>
<pre><code id="call"></code></pre>
</section>
</main>
</body>
</html>
`;

/** The page on which a signed-in person creates their own key. Public: its script loads all data with the session. */
export const CREATE_KEY_PAGES: readonly Page[] = [
  htmlPage(CREATE_KEY_PATH, PAGE),
  fixedPage(`${CREATE_KEY_PATH}/script.js`, 'text/javascript', SCRIPT),
];
