import { describe, expect, test } from 'vitest';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { loadConfig } from './config.ts';

const PROVIDER = {
  LATCHKEY_OIDC_ISSUER: 'https://id.example.com/realms/main',
  LATCHKEY_OIDC_AUDIENCE: 'latchkey',
};

describe('the settings of the identity provider', () => {
  test('are issuer and audience, and defaults for the rest', () => {
    expect(loadConfig(PROVIDER, {}).identity).toEqual({
      issuer: 'https://id.example.com/realms/main',
      audience: 'latchkey',
      client: null,
      workspaceClaim: 'latchkey_workspace',
      trustsEmails: false,
      provisioning: null,
    });
  });

  test('may trust the e-mail addresses of the provider that they name', () => {
    const settings = { ...PROVIDER, LATCHKEY_OIDC_TRUST_EMAILS_OF: PROVIDER.LATCHKEY_OIDC_ISSUER };
    expect(loadConfig(settings, {}).identity).toMatchObject({ trustsEmails: true });
  });

  test('may name the workspace and role of provisioned members', () => {
    const settings = { LATCHKEY_OIDC_JIT_ROLE: 'Viewer', LATCHKEY_OIDC_JIT_WORKSPACE: 'ws_1' };
    expect(loadConfig({ ...PROVIDER, ...settings }, {}).identity).toMatchObject({
      provisioning: { roleName: 'Viewer', workspaceId: 'ws_1' },
    });
  });

  test('may have the OAuth client for sign-in', () => {
    const settings = { LATCHKEY_OIDC_CLIENT_ID: 'latchkey', LATCHKEY_OIDC_CLIENT_SECRET_FILE: '/run/secret' };
    expect(loadConfig({ ...PROVIDER, ...settings }, {}).identity).toMatchObject({
      client: { clientId: 'latchkey', secretFile: '/run/secret' },
    });
  });

  test.each(['http://localhost:8080', 'http://127.0.0.1:8080/x', 'http://[::1]:8080'])(
    'accept the issuer %s over plain http, since it is on loopback',
    (issuer) => {
      expect(loadConfig({ ...PROVIDER, LATCHKEY_OIDC_ISSUER: issuer }, {}).identity?.issuer).toBe(issuer);
    },
  );

  test.each([
    'http://id.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'ftp://localhost',
    'https://id.example.com?realm=main',
    'https://id.example.com#main',
    'https://user:password@id.example.com',
    'id.example.com',
  ])('reject the issuer %s', (issuer) => {
    const load = () => loadConfig({ ...PROVIDER, LATCHKEY_OIDC_ISSUER: issuer }, {});
    expect(load).toThrow(OperatorError);
    expect(load).toThrow(/^bad setting: LATCHKEY_OIDC_ISSUER must be an https URL/);
  });

  test.each([
    ['LATCHKEY_OIDC_ISSUER', { LATCHKEY_OIDC_ISSUER: 'https://id.example.com' }],
    ['LATCHKEY_OIDC_CLIENT_ID', { LATCHKEY_OIDC_CLIENT_ID: 'latchkey' }],
    ['LATCHKEY_OIDC_CLIENT_SECRET_FILE', { ...PROVIDER, LATCHKEY_OIDC_CLIENT_SECRET_FILE: '/run/secret' }],
    ['LATCHKEY_OIDC_AUDIENCE', { LATCHKEY_OIDC_AUDIENCE: 'latchkey' }],
    ['LATCHKEY_OIDC_TRUST_EMAILS_OF', { LATCHKEY_OIDC_TRUST_EMAILS_OF: 'https://id.example.com' }],
    [
      'LATCHKEY_OIDC_TRUST_EMAILS_OF',
      { ...PROVIDER, LATCHKEY_OIDC_TRUST_EMAILS_OF: 'https://id.example.com/realms/other' },
    ],
    ['LATCHKEY_OIDC_JIT_ROLE', { ...PROVIDER, LATCHKEY_OIDC_JIT_ROLE: 'Member' }],
    ['LATCHKEY_OIDC_JIT_WORKSPACE', { ...PROVIDER, LATCHKEY_OIDC_JIT_WORKSPACE: 'ws_1' }],
    ['LATCHKEY_OIDC_JIT_ROLE', { LATCHKEY_OIDC_JIT_ROLE: 'Member', LATCHKEY_OIDC_JIT_WORKSPACE: 'ws_1' }],
    [
      'LATCHKEY_OIDC_JIT_ROLE',
      { ...PROVIDER, LATCHKEY_OIDC_JIT_ROLE: 'Owner', LATCHKEY_OIDC_JIT_WORKSPACE: 'ws_1' },
    ],
    [
      'LATCHKEY_OIDC_JIT_ROLE',
      { ...PROVIDER, LATCHKEY_OIDC_JIT_ROLE: 'Admin', LATCHKEY_OIDC_JIT_WORKSPACE: 'ws_1' },
    ],
  ])('reject %s as in %j, in one line that names the setting', (name, settings) => {
    expect(() => loadConfig(settings, {})).toThrow(new RegExp(`^bad setting: ${name}[^\\n]*$`));
  });
});
