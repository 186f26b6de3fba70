/** The script of the sign-in page. It keeps the token out of history and storage. */
export const SCRIPT = `const { me, sessions, current, request } = document.body.dataset;
let token = '';

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

function start() {
  token = location.hash.slice(1);
  if (token === '') return showCaller();
  history.replaceState(null, '', location.pathname);
  show('ready');
}

async function signIn() {
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
}

async function signOut() {
  await call('DELETE', current);
  show('empty');
}

async function requestLink() {
  at('requested').textContent = '';
  await call('POST', request, { email: at('email').value.trim() });
  show('empty');
  at('requested').textContent = 'If the address is known here, a mail with a link is on its way. The link works once, within 15 minutes.';
}

const showFailure = (error) => show('empty', error.message);
at('sign-in').addEventListener('click', () => act(at('sign-in'), signIn));
at('sign-out').addEventListener('click', () => act(at('sign-out'), () => signOut().catch(showFailure)));
at('request')?.addEventListener('submit', (event) => {
  event.preventDefault();
  act(at('send'), () => requestLink().catch(showFailure));
});
addEventListener('hashchange', start);
start();
`;
