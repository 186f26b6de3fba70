/** The script of the page. It inserts no HTML, keeps the token out of history and storage, and needs no build. */
export const SCRIPT = `'use strict';
const at = (id) => document.getElementById(id);
let token = '';

function show(outcome, canAccept) {
  at('outcome').textContent = outcome;
  at('form').hidden = !canAccept;
}

function start() {
  token = location.hash.slice(1) || token;
  // Keeps the token out of the history of a shared computer.
  history.replaceState(null, '', location.pathname);
  show(token === '' ? 'The link is incomplete. Open the complete link from your invitation.' : '', token !== '');
}

/** Shows the permissions of the new member, and whether they include creating keys. */
async function showPermissions() {
  const answer = await fetch(document.body.dataset.me).catch(() => null);
  const json = answer && (await answer.json().catch(() => null));
  if (!json?.success) return;
  const { permissions } = json.data.result.caller;
  for (const permission of permissions) {
    at('permissions').append(Object.assign(document.createElement('li'), { textContent: permission }));
  }
  at('next').hidden = !permissions.includes('api-keys:write');
  at('joined').hidden = false;
}

/** Resolves with the message to show, and whether trying again can help. */
async function accept() {
  const displayName = at('name').value.trim();
  const body = JSON.stringify(displayName === '' ? { token } : { token, displayName });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(document.body.dataset.accept, { method: 'POST', headers, body }).catch(() => null);
  const json = answer && (await answer.json().catch(() => null));
  if (!json) return ['The service does not answer. Try again in a moment.', true];
  if (json.success) {
    token = '';
    await showPermissions();
    return ['You are a member now, as ' + json.data.result.member.roleName + '.', false];
  }
  return [json.data.message + '.', json.data.error.retryable || answer.status === 400];
}

at('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  at('accept').disabled = true;
  show(...(await accept()));
  at('accept').disabled = false;
});
addEventListener('hashchange', () => location.hash !== '' && start());
start();
`;
