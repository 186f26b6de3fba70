import { CALL } from '../page.ts';

/** The script of the sign-in page. It inserts no HTML, keeps the token out of history and storage, and needs no build. */
export const SCRIPT = `'use strict';
const at = (id) => document.getElementById(id);
const { me, sessions, current, request } = document.body.dataset;
let token = '';

function show(view, problem = '') {
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== view;
  at('problem').textContent = problem;
  at('problem').hidden = problem === '';
}

${CALL}
/** Shows the session of this browser, if there is one, and the problem. */
async function showCaller(problem = '') {
  try {
    const { caller } = await call('GET', me);
    at('user').textContent = caller.userId;
    at('workspace').textContent = caller.workspaceId;
    show('signed-in', problem);
  } catch (error) {
    show('empty', error.status === 401 ? problem : error.message);
  }
}

async function act(button, work) {
  button.disabled = true;
  await work().catch((error) => show('empty', error.message));
  button.disabled = false;
}

function start() {
  token = location.hash.slice(1);
  if (token === '') return showCaller();
  history.replaceState(null, '', location.pathname);
  show('ready');
}

at('sign-in').addEventListener('click', () =>
  act(at('sign-in'), async () => {
    try {
      await call('POST', sessions, { token });
    } catch (error) {
      // The link may still be valid only if no answer arrived.
      if (error.status === undefined) return show('ready', error.message);
      token = '';
      return showCaller(error.message);
    }
    token = '';
    await showCaller();
  }),
);
at('sign-out').addEventListener('click', () =>
  act(at('sign-out'), async () => {
    await call('DELETE', current);
    show('empty');
  }),
);
at('request')?.addEventListener('submit', (event) => {
  event.preventDefault();
  act(at('send'), async () => {
    await call('POST', request, { email: at('email').value.trim() });
    at('requested').hidden = false;
  });
});
addEventListener('hashchange', start);
start();
`;
