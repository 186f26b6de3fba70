import { expect } from 'vitest';

const API = '/api/v2';

export interface SessionAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it has asked for
  readonly result: any;
  readonly code: string | undefined;
}

export type SessionCall = (method: string, path: string, body?: unknown) => Promise<SessionAnswer>;

/** Opens a sign-in link as a page of the service does, and returns calls of that session. */
export async function signIn(url: string, link: string): Promise<SessionCall> {
  const { hash, origin } = new URL(link);
  const call = (method: string, path: string, body?: unknown, cookie = '') => {
    const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return fetch(`${url}${API}${path}`, {
      method,
      headers: { Origin: origin, ...content, ...(cookie && { Cookie: cookie }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const opened = await call('POST', '/sessions', { token: hash.slice(1) });
  expect(opened.status).toBe(201);
  const [cookie = ''] = opened.headers.get('set-cookie')?.split(';') ?? [];
  return async (method, path, body) => {
    const response = await call(method, path, body, cookie);
    const { data } = (await response.json()) as { data: { result?: unknown; error?: { code: string } } };
    return { status: response.status, result: data.result, code: data.error?.code };
  };
}
