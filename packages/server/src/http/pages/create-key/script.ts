import { CALL } from '../page.ts';

/** The script of the page. It inserts no HTML, keeps the key out of the URL, history and storage, and needs no build. */
export const SCRIPT = `'use strict';
const at = (id) => document.getElementById(id);
const { me, keys } = document.body.dataset;
const DAY_MS = 86400000;
let caller = null;

function show(view, problem = '') {
  for (const part of document.querySelectorAll('section, form')) part.hidden = part.id !== view;
  at('problem').textContent = problem;
  at('problem').hidden = problem === '';
}

${CALL}
function permissionsWanted() {
  if (at('permissions').value === 'all') return caller.permissions;
  return caller.permissions.filter((permission) => /[:-]read$/.test(permission));
}

async function create() {
  const days = at('expiry').value;
  const expiresAt = days === '' ? {} : { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() };
  const body = { name: at('name').value, userId: caller.userId, permissions: permissionsWanted(), ...expiresAt };
  const { key } = await call('POST', keys, body);
  at('key').textContent = key;
  at('call').textContent = 'curl -H "Authorization: Bearer ' + key + '" ' + location.origin + me;
  show('created');
}

async function start() {
  try {
    ({ caller } = await call('GET', me));
    if (caller.permissions.includes('api-keys:write')) show('form');
    else show('', 'Your role does not allow you to create keys. Ask an owner of the workspace for another role.');
  } catch (error) {
    if (error.status === 401) show('signed-out');
    else show('', error.message);
  }
}

at('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  at('create').disabled = true;
  await create().catch((error) => show(error.status === 401 ? 'signed-out' : 'form', error.message));
  at('create').disabled = false;
});
at('copy').addEventListener('click', async () => {
  const isCopied = await navigator.clipboard.writeText(at('key').textContent).then(() => true, () => false);
  at('copied').textContent = isCopied ? 'Copied.' : 'The browser does not allow copying. Select the key and copy it.';
});
// A page that is restored from the browser's history must not show the key.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
start();
`;
