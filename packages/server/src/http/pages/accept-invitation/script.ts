/** The script of the page. It keeps the token out of history and storage. */
export const SCRIPT = `const { accept, me } = document.body.dataset;
let token = '';

function start() {
  token = location.hash.slice(1) || token;
  // Keeps the token out of the history of a shared computer.
  history.replaceState(null, '', location.pathname);
  if (token === '') show('failed', 'The link is incomplete. Open the complete link from your invitation.');
  else show('form');
}

/** Shows the permissions of the new member, and whether they include creating keys. */
async function showPermissions() {
  const { caller } = await call('GET', me);
  for (const permission of caller.permissions) {
    at('permissions').append(Object.assign(document.createElement('li'), { textContent: permission }));
  }
  at('count').textContent = caller.permissions.length;
  const canCreateKeys = caller.permissions.includes('api-keys:write');
  at('next').hidden = !canCreateKeys;
  at('no-keys').hidden = canCreateKeys;
}

async function join() {
  const displayName = at('name').value.trim();
  const { member } = await call('POST', accept, displayName === '' ? { token } : { token, displayName });
  token = '';
  at('outcome').textContent = 'You are a member now, as ' + member.roleName + '.';
  // Without an answer, the page still leads to the session.
  await showPermissions().catch(() => null);
  show('joined');
}

/** The form is shown as long as trying again can help. */
function showFailure(error) {
  show(error.retryable || error.status === 400 ? 'form' : 'failed', error.message);
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  act(at('accept'), () => join().catch(showFailure));
});
addEventListener('hashchange', () => location.hash !== '' && start());
start();
`;
