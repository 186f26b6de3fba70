import { API_BASE } from '@latchkey/contract';

export interface Subject {
  /** A key that exists, and its secret. */
  readonly keyId: string;
  readonly secret: string;
}

export interface Regression {
  readonly title: string;
  readonly request: (subject: Subject) => {
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** A string is sent unchanged. */
    readonly body?: unknown;
  };
  readonly status: number;
  /** Left out: the call succeeds. */
  readonly code?: string;
  /** Further fields that the answer must have. */
  readonly answer?: object;
}

const KEYS = `${API_BASE}/api-keys`;
const json = { 'content-type': 'application/json' };

function percentEncoded(text: string): string {
  return [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
}

/** Requests that once got a wrong answer, with the right one. */
export const REGRESSIONS: readonly Regression[] = [
  {
    title:
      'Content-Encoding on a call without a body was answered with a status that the call does not document',
    request: () => ({ method: 'GET', url: `${API_BASE}/me`, headers: { 'content-encoding': 'gzip' } }),
    status: 200,
  },
  {
    title: 'a key in place of an id in a bulk update came back in the answer',
    request: ({ secret }) => ({ method: 'PUT', url: KEYS, body: { apiKeys: [{ id: secret, name: 'x' }] } }),
    status: 200,
    answer: { data: { result: { updated: [], errors: [{ id: 'lk_live_…', code: 'NOT_FOUND' }] } } },
  },
  {
    title: 'a key in place of an id in a bulk revocation came back in the answer',
    request: ({ secret }) => ({ method: 'DELETE', url: KEYS, body: { ids: [secret, secret] } }),
    status: 200,
    answer: { data: { result: { deleted: [], errors: [{ id: 'lk_live_…' }, { id: 'lk_live_…' }] } } },
  },
  {
    title: 'a key that was percent-encoded twice was accepted in a URL',
    request: ({ secret }) => ({
      method: 'GET',
      url: `${API_BASE}/me?x=${percentEncoded(percentEncoded(secret))}`,
    }),
    status: 400,
    code: 'CREDENTIALS_IN_URL',
  },
  {
    title: 'a credential under an encoded parameter name was accepted in a URL',
    request: () => ({ method: 'GET', url: `${API_BASE}/me?api%5Fkey=hunter2` }),
    status: 400,
    code: 'CREDENTIALS_IN_URL',
  },
  {
    title: 'null was taken for a body that is left out',
    request: ({ keyId }) => ({ method: 'DELETE', url: `${KEYS}/${keyId}`, headers: json, body: 'null' }),
    status: 400,
    code: 'VALIDATION_FAILED',
  },
  {
    title: 'an object with a toString of its own in a list of permissions was an internal error',
    request: () => ({
      method: 'POST',
      url: KEYS,
      body: { name: 'x', userId: 'usr_x', permissions: [{ toString: 1, valueOf: 1 }] },
    }),
    status: 400,
    code: 'VALIDATION_FAILED',
  },
  {
    title: 'a key with one character damaged was taken for a name',
    request: ({ secret }) => ({
      method: 'POST',
      url: `${API_BASE}/workspaces`,
      body: { name: `${secret.slice(0, 38)}[${secret.slice(39)}` },
    }),
    status: 400,
    code: 'VALIDATION_FAILED',
  },
];
