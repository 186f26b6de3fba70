import { readFileSync } from 'node:fs';
import {
  DECISION_STEPS,
  ENDPOINTS,
  ERROR_CODES,
  ERRORS,
  PERMISSIONS,
  VERDICT_CODES,
} from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_REQUESTS } from '../harness/sample-requests.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const ERROR_GUIDE = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

const USAGE_GUIDE = readFileSync(new URL('../../../../docs/usage.md', import.meta.url), 'utf8');

/** Paths for browsers and readers, which are not part of the API. */
const PAGES = [
  '/',
  '/.well-known/jwks.json',
  '/accept-invitation',
  '/account/*',
  '/assets/*',
  '/audit',
  '/color-scheme.js',
  '/create-key',
  '/docs',
  '/docs/script.js',
  '/docs/style.css',
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui.css',
  '/icon.svg',
  '/invitations/accept',
  '/keys',
  '/keys/*',
  '/members',
  '/members/*',
  '/openapi.json',
  '/roles',
  '/roles/*',
  '/settings',
  '/sign-in',
  '/system',
  '/usage',
];

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

const sorted = (items: Iterable<string>): string[] => [...items].sort();

describe('endpoints', () => {
  test('each has a route, and each route an endpoint', () => {
    const calls = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
    expect(sorted(service.app.paths)).toEqual(sorted([...calls, ...PAGES.map((path) => `GET ${path}`)]));
  });

  test('no two have the same id, or the same method and path', () => {
    expect(new Set(ENDPOINTS.map(({ id }) => id)).size).toBe(ENDPOINTS.length);
    expect(new Set(ENDPOINTS.map(({ method, path }) => `${method} ${path}`)).size).toBe(ENDPOINTS.length);
  });

  test('each has a sample request for the tests that hold for all', () => {
    expect(sorted(Object.keys(SAMPLE_REQUESTS))).toEqual(sorted(ENDPOINTS.map(({ id }) => id)));
  });

  test('each requires a permission of the catalogue, or gives the reason why it requires none', () => {
    for (const { id, access } of ENDPOINTS) {
      if (access.permission === null) expect(access.because.length, id).toBeGreaterThan(10);
      else expect(PERMISSIONS, id).toContain(access.permission);
    }
  });
});

describe('error codes', () => {
  test('docs/errors.md has a row with the status of each code, and no other rows', () => {
    const rows = [...ERROR_GUIDE.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    expect(sorted(rows)).toEqual(sorted(ERROR_CODES.map((code) => `${code} ${ERRORS[code].status}`)));
  });

  test('each code of a denial is an error code too, and is in docs/errors.md', () => {
    for (const code of VERDICT_CODES) {
      if (code !== 'VALID') expect(ERROR_CODES).toContain(code);
      expect(ERROR_GUIDE).toContain(`\`${code}\``);
    }
  });
});

test('each step of the decision has a row in docs/usage.md, in their order', () => {
  const rows = [...USAGE_GUIDE.matchAll(/^\| `([a-z]+)` \| `[A-Z_]+`/gm)].map(([, step]) => step);
  expect(rows).toEqual(DECISION_STEPS);
});
