import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  abandonedUrl,
  apiKey,
  caller,
  failure,
  replyJson,
  startPeer,
  success,
  verdict,
} from '../test/peer.ts';
import { Latchkey } from './client.ts';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';

const key = 'lk_live_TheSecretThatIsNeverShown';

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error: unknown) => error,
  );
}

describe('a call', () => {
  test('carries the credential, the encoded id and the body as JSON', async () => {
    const { url, received } = await startPeer(replyJson(success({ apiKey, effectiveBy: apiKey.createdAt })));
    await new Latchkey({ url: `${url}/prefix/`, key }).keys.update('a/b c', { name: 'New' });
    expect(received).toMatchObject([
      {
        method: 'PATCH',
        path: '/prefix/api/v2/api-keys/a%2Fb%20c',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: { name: 'New' },
      },
    ]);
  });

  test('leaves undefined values out of the query', async () => {
    const pagination = {
      total: 0,
      limit: 50,
      offset: 0,
      hasNext: false,
      hasPrevious: false,
      nextCursor: null,
    };
    const { url, received } = await startPeer(replyJson(success({ apiKeys: [], pagination })));
    const query: object = { search: 'a&b', status: undefined };
    await new Latchkey({ url, key }).keys.list(query);
    expect(received.map(({ path }) => path)).toEqual(['/api/v2/api-keys?search=a%26b']);
  });

  test.each(['', '.', '..'])('is not sent for the id "%s", which would change the path', async (id) => {
    const { url, received } = await startPeer(replyJson(success({ apiKey })));
    await expect(new Latchkey({ url, key }).keys.revoke(id)).rejects.toThrow(TypeError);
    expect(received).toEqual([]);
  });

  test('uses the fetch function of the options', async () => {
    const answer = JSON.stringify(success({ caller }));
    const fetch = async () => new Response(answer, { headers: { 'content-type': 'application/json' } });
    expect(await new Latchkey({ url: 'http://nowhere.invalid', key, fetch }).me()).toEqual({ caller });
  });
});

describe('an error response', () => {
  test('becomes a LatchkeyError with all fields of the response', async () => {
    const { url } = await startPeer(replyJson(failure('KEY_EXPIRED'), 401, { 'retry-after': '9' }));
    const error = await rejection(new Latchkey({ url, key }).me());
    expect(error).toBeInstanceOf(LatchkeyError);
    expect(error).toMatchObject({
      message: 'It is KEY_EXPIRED',
      code: 'KEY_EXPIRED',
      status: 401,
      details: [{ field: 'name', message: 'is odd' }],
      requestId: 'req_1',
      retryable: false,
      retryAfterSeconds: 9,
    });
  });

  test('keeps an error code that this client does not know', async () => {
    const { url } = await startPeer(replyJson(failure('BRAND_NEW'), 409));
    expect(await rejection(new Latchkey({ url, key }).me())).toMatchObject({
      code: 'BRAND_NEW',
      status: 409,
    });
  });
});

describe('an invalid response', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, number, Record<string, string>, string]>([
    ['not JSON', 200, json, '<html>'],
    ['another media type', 200, { 'content-type': 'text/html' }, JSON.stringify(success({ caller }))],
    ['no media type', 200, {}, JSON.stringify(success({ caller }))],
    ['empty', 200, json, ''],
    ['a redirect', 302, { ...json, location: 'http://127.0.0.1:1/' }, JSON.stringify(success({ caller }))],
    ['a success without its result', 200, json, JSON.stringify({ success: true, data: { message: 'ok' } })],
    ['a success with another result', 200, json, JSON.stringify(success({ apiKey }))],
    ['a success with an error status', 500, json, JSON.stringify(success({ caller }))],
    ['a failure with a status of success', 200, json, JSON.stringify(failure('INTERNAL'))],
    ['the error of another server', 404, json, JSON.stringify({ error: 'Not Found' })],
  ])('%s: LatchkeyProtocolError', async (_, status, headers, body) => {
    const { url } = await startPeer((response) => response.writeHead(status, headers).end(body));
    const error = await rejection(new Latchkey({ url, key }).me());
    expect(error).toBeInstanceOf(LatchkeyProtocolError);
    expect(error).toMatchObject({ status });
  });

  test('a valid verdict with the code of a denial: LatchkeyProtocolError', async () => {
    const { url } = await startPeer(replyJson(success({ ...verdict, code: 'KEY_REVOKED' })));
    const client = new Latchkey({ url, key });
    expect(await rejection(client.keys.verify({ key }))).toBeInstanceOf(LatchkeyProtocolError);
  });

  test('a verdict with an unknown code: LatchkeyProtocolError', async () => {
    const { url } = await startPeer(replyJson(success({ ...verdict, valid: false, code: 'MAYBE' })));
    const client = new Latchkey({ url, key });
    expect(await rejection(client.keys.verify({ key }))).toBeInstanceOf(LatchkeyProtocolError);
  });

  test('a valid verdict without a key: LatchkeyProtocolError', async () => {
    const { apiKey: _, ...rest } = verdict;
    const { url } = await startPeer(replyJson(success(rest)));
    const client = new Latchkey({ url, key });
    expect(await rejection(client.keys.verify({ key }))).toBeInstanceOf(LatchkeyProtocolError);
  });

  test('fewer verdicts than checks: LatchkeyProtocolError', async () => {
    const { url } = await startPeer(replyJson(success({ verdicts: [verdict] })));
    const client = new Latchkey({ url, key });
    expect(await rejection(client.keys.verifyMany([{ key }, { key }]))).toBeInstanceOf(LatchkeyProtocolError);
  });
});

describe('no response', () => {
  test('no server at the URL: LatchkeyConnectionError with the URL and the reason', async () => {
    const url = await abandonedUrl();
    const error = await rejection(new Latchkey({ url, key }).keys.verify({ key }));
    expect(error).toBeInstanceOf(LatchkeyConnectionError);
    expect((error as Error).message).toBe(`Latchkey at ${url} cannot be reached (ECONNREFUSED)`);
  });

  test('times out after timeoutMs, retries included', async () => {
    const { url, received } = await startPeer(() => undefined);
    const error = await rejection(new Latchkey({ url, key, timeoutMs: 80 }).me());
    expect(error).toBeInstanceOf(LatchkeyConnectionError);
    expect((error as Error).message).toContain('did not answer within 80 ms');
    expect(received).toHaveLength(1);
  });

  test('connection lost within the body: LatchkeyConnectionError', async () => {
    const { url } = await startPeer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"success":true');
      response.destroy();
    });
    const error = await rejection(new Latchkey({ url, key }).keys.verify({ key }));
    expect(error).toBeInstanceOf(LatchkeyConnectionError);
  });
});

describe('retries', () => {
  const failOnce = (first: ReturnType<typeof replyJson>, result: unknown) =>
    startPeer((response, attempt) => (attempt === 1 ? first : replyJson(result))(response, attempt));
  const unavailable = replyJson(failure('UNAVAILABLE', true), 503);

  test('a GET is retried', async () => {
    const { url, received } = await failOnce(unavailable, success({ caller }));
    expect(await new Latchkey({ url, key }).me()).toEqual({ caller });
    expect(received).toHaveLength(2);
  });

  test('create is retried with the same Idempotency-Key, so that one key is created', async () => {
    const { url, received } = await failOnce(
      unavailable,
      success({ apiKey, key: 'lk_x' }, 'API key created'),
    );
    const minted = await new Latchkey({ url, key }).keys.create({ name: 'Billing worker', userId: 'usr_1' });
    expect(minted).toEqual({ apiKey, key: 'lk_x', message: 'API key created' });
    const [first, second] = received.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
  });

  test('rotate sends the given Idempotency-Key as a header, not in the body', async () => {
    const { url, received } = await startPeer(replyJson(success({ apiKey, ended: [] })));
    await new Latchkey({ url, key }).keys.rotate('key_1', { overlapSeconds: 0, idempotencyKey: 'mine' });
    expect(received).toMatchObject([{ headers: { 'idempotency-key': 'mine' }, body: { overlapSeconds: 0 } }]);
  });

  test.each<[string, (client: Latchkey) => Promise<unknown>]>([
    ['verify', (client) => client.keys.verify({ key })],
    ['update', (client) => client.keys.update('key_1', { name: 'x' })],
    ['revoke', (client) => client.keys.revoke('key_1')],
    ['check, which uses quota each time', (client) => client.keys.check()],
  ])('%s is not retried', async (_, call) => {
    const { url, received } = await startPeer(unavailable);
    expect(await rejection(call(new Latchkey({ url, key })))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(received).toHaveLength(1);
  });

  test('an error that is not retryable ends the call at once', async () => {
    const { url, received } = await startPeer(replyJson(failure('NOT_FOUND'), 404));
    await rejection(new Latchkey({ url, key }).keys.get('key_1'));
    expect(received).toHaveLength(1);
  });
});

describe('the credential', () => {
  const url = 'http://127.0.0.1:7400';

  test.each<[string, object]>([
    ['none', {}],
    ['a key and a session', { key, session: true }],
    ['a session that is false', { session: false }],
  ])('%s: the constructor throws', (_, credential) => {
    // A program in JavaScript is not held to the types.
    const options = { url, ...credential } as ConstructorParameters<typeof Latchkey>[0];
    expect(() => new Latchkey(options)).toThrow(new TypeError('set either key or session: true'));
  });

  test('outside of a page, a relative URL is rejected', () => {
    expect(() => new Latchkey({ session: true })).toThrow(/^url must be an address/);
    expect(() => new Latchkey({ url: '', key })).toThrow(/^url must be an address/);
  });

  test('of a session sends no Authorization', async () => {
    const { url: peer, received } = await startPeer(replyJson(success({ caller })));
    await new Latchkey({ url: peer, session: true }).me();
    expect(received[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('the key', () => {
  const url = 'http://127.0.0.1:7400';

  test('is not shown by inspecting, serialising or spreading the client', () => {
    const client = new Latchkey({ url, key });
    const shown = [inspect(client, { depth: 9, showHidden: true }), JSON.stringify(client), String(client)];
    expect(shown.join() + JSON.stringify({ ...client })).not.toContain('TheSecret');
  });

  test('is not shown by errors', async () => {
    const { url: peer } = await startPeer(replyJson({}, 500));
    const errors = [
      await rejection(new Latchkey({ url: await abandonedUrl(), key }).keys.verify({ key })),
      await rejection(new Latchkey({ url: peer, key }).keys.verify({ key })),
    ];
    expect(errors.map((error) => inspect(error, { depth: 9, showHidden: true })).join()).not.toContain(
      'TheSecret',
    );
  });

  test.each(['with space TheSecret', 'line\nTheSecret', 'ünïcode TheSecret', ''])(
    'is rejected without being shown if it is not valid: %j',
    (bad) => {
      expect(() => new Latchkey({ url, key: bad })).toThrow(
        new TypeError('key must be visible ASCII characters without spaces'),
      );
    },
  );

  test.each(['nowhere', 'ftp://host', 'http://user:TheSecret@host', 'http://host/?TheSecret'])(
    'the URL %s is rejected without being shown',
    (bad) => {
      const make = () => new Latchkey({ url: bad, key });
      expect(make).toThrow(/^url must be/);
      expect(make).not.toThrow(/TheSecret/);
    },
  );
});
