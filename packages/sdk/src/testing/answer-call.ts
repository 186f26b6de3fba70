import { ERRORS } from '@latchkey/contract';
import { type Route, requireAccess, type State } from './routes.ts';
import { ServiceError, unsupported } from './service-error.ts';

/**
 * Answers one call of a client as the service does. The answer to a call or a parameter that the
 * double does not have is ROUTE_NOT_FOUND, which names it.
 */
export async function answerCall(
  state: State,
  routes: readonly Route[],
  request: Request,
): Promise<Response> {
  const { method } = request;
  const url = new URL(request.url);
  const found = routes.flatMap((route) => {
    const params = route.endpoint.method === method ? paramsOf(route.endpoint.path, url.pathname) : null;
    return params ? [{ route, params }] : [];
  })[0];
  if (!found) return failure(unsupported(`${method} ${url.pathname}`));
  const { route, params } = found;
  try {
    const credential = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    if (credential === undefined) throw new ServiceError('CREDENTIALS_MISSING');
    const caller = state.keys.bySecret(credential);
    if (!caller) throw new ServiceError('KEY_INVALID');
    requireAccess(state, route.endpoint, caller, credential);
    const text = await request.text();
    const body = text === '' ? undefined : JSON.parse(text);
    const query = Object.fromEntries(url.searchParams);
    const parameter = Object.keys(query).find((name) => !route.parameters.includes(name));
    if (parameter !== undefined)
      throw unsupported(`the parameter \`${parameter}\` of ${method} ${url.pathname}`);
    const result = route.answer({ caller, credential, params, query, body } as Parameters<
      Route['answer']
    >[0]);
    return json(200, { success: true, data: { message: 'Done', result } });
  } catch (error) {
    if (error instanceof ServiceError) return failure(error);
    throw error;
  }
}

/** The parameters of a path; null if it does not have the form of the template. The first route that matches counts. */
function paramsOf(template: string, path: string): Record<string, string> | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`).exec(path)?.slice(1);
  return values
    ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]))
    : null;
}

function failure({ code, message, details }: ServiceError): Response {
  const { status, retryable } = ERRORS[code];
  const error = { code, details, requestId: 'req_test', retryable };
  return json(status, { success: false, data: { message, error } });
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
