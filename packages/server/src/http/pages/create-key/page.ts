import { createApiKey, getMe } from '@latchkey/contract';
import { type Page, scriptedPage } from '../page.ts';
import { CREATE_KEY_PATH, SIGN_IN_PATH } from '../urls.ts';
import { SCRIPT } from './script.ts';

const MAIN = `<p id="problem" role="alert" hidden></p>
<section data-view="signed-out" data-title="Create an API key" hidden>
<p>You are not signed in. Sign in first; the next page leads back to this form.</p>
<a class="button" href="${SIGN_IN_PATH}">Sign in</a>
</section>
<section data-view="unavailable" data-title="Create an API key" hidden>
<a class="button second" href="${SIGN_IN_PATH}">Show your session</a>
</section>
<form id="form" data-view="form" data-title="Create an API key" hidden>
<label>Name<input id="name" autocomplete="off" required maxlength="100" placeholder="Billing service"></label>
<label>Permissions<select id="permissions">
<option value="read">Read only</option>
<option value="all">All that my role allows</option>
</select></label>
<label>Expires<select id="expiry">
<option value="30">In 30 days</option>
<option value="90" selected>In 90 days</option>
<option value="365">In a year</option>
<option value="">Never</option>
</select></label>
<button type="submit" id="create">Create my key</button>
</form>
<section data-view="created" data-title="Your new API key" hidden>
<p>This is your key. Store it now: it is shown only once.</p>
<pre><code id="key"></code></pre>
<button type="button" id="copy">Copy the key</button>
<p id="copied" role="status"></p>
<p>Try it in a terminal:</p>
<pre><code id="call"></code></pre>
<a class="button second" href="${CREATE_KEY_PATH}">Create another key</a>
</section>`;

/** The page on which a signed-in person creates their own key. */
export const CREATE_KEY_PAGES: readonly Page[] = scriptedPage(
  CREATE_KEY_PATH,
  { title: 'Create an API key', data: { me: getMe.path, keys: createApiKey.path }, main: MAIN },
  SCRIPT,
);
