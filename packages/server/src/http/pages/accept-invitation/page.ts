import { acceptInvitation, getMe } from '@latchkey/contract';
import { type Page, scriptedPage } from '../page.ts';
import { ACCEPT_PATH, CREATE_KEY_PATH, SIGN_IN_PATH } from '../urls.ts';
import { SCRIPT } from './script.ts';

const MAIN = `<p id="problem" role="alert" hidden></p>
<form id="form" data-view="form" data-title="Accept your invitation" hidden>
<p>Accept only if the invitation was made for you. It can be accepted once, and signs you in with this browser.</p>
<label>Your name in this workspace<input id="name" autocomplete="name" maxlength="100"></label>
<button type="submit" id="accept">Accept the invitation</button>
</form>
<section data-view="failed" data-title="This link does not work" hidden>
<p>If you accepted the invitation before, sign in.</p>
<a class="button" href="${SIGN_IN_PATH}">Sign in</a>
</section>
<section data-view="joined" data-title="Invitation accepted" hidden>
<p role="status"><span id="outcome"></span> You are signed in.</p>
<p id="no-keys" hidden>Your role does not allow you to create keys. Ask an owner of the workspace if you need one.</p>
<a class="button" id="next" href="${CREATE_KEY_PATH}" hidden>Create an API key</a>
<a class="button second" href="${SIGN_IN_PATH}">Show your session</a>
<details>
<summary>Permissions of your role (<span id="count">0</span>)</summary>
<ul id="permissions"></ul>
</details>
</section>`;

/** The page that invitation links open. It needs no credential: the token is never sent to the server. */
export const ACCEPT_INVITATION_PAGES: readonly Page[] = scriptedPage(
  ACCEPT_PATH,
  {
    title: 'Accept your invitation',
    data: { accept: acceptInvitation.path, me: getMe.path },
    main: MAIN,
  },
  SCRIPT,
);
