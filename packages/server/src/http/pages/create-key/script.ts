/** The script of the page. It keeps the key out of the URL, history and storage. */
export const SCRIPT = `const { me, keys } = document.body.dataset;
const DAY_MS = 86400000;
let caller = null;

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
    else show('unavailable', 'Your role does not allow you to create keys. Ask an owner of the workspace for another role.');
  } catch (error) {
    if (error.status === 401) show('signed-out');
    else show('unavailable', error.message);
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(at('key').textContent);
    at('copied').textContent = 'Copied. Store the key where your program reads it.';
  } catch {
    getSelection().selectAllChildren(at('key'));
    at('copied').textContent = 'The browser does not allow copying. The key is selected: copy it with the keyboard.';
  }
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const showFailure = (error) => show(error.status === 401 ? 'signed-out' : 'form', error.message);
  act(at('create'), () => create().catch(showFailure));
});
at('copy').addEventListener('click', copy);
// A page that is restored from the browser's history must not show the key.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
start();
`;
