import type { Catalogue } from '../catalogue.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { isObject, type Json, type JsonObject, plain } from './named-schemas.ts';

const SUFFIX = '01m84hkxthfeyba9zjhgmmw6nr';
const KEY = 'lk_live_…';
const INSTANT = '2027-01-31T12:00:00.000Z';

const PERMISSION = 'calls:read';

/** Realistic request bodies by operation id. The reader only has to replace ids and secrets. */
const BODIES: Readonly<Record<string, JsonObject>> = {
  createApiKey: {
    name: 'Billing worker',
    userId: `usr_${SUFFIX}`,
    permissions: [PERMISSION],
    expiresAt: '2027-01-31T12:00:00Z',
    rateLimit: { requestsPerMinute: 600, requestsPerDay: null },
  },
  updateApiKeys: { apiKeys: [{ id: `key_${SUFFIX}`, isActive: false }] },
  deleteApiKeys: { ids: [`key_${SUFFIX}`], reason: 'Replaced' },
  updateApiKey: { name: 'Billing worker', expiresAt: null },
  deleteApiKey: { reason: 'COMPROMISED' },
  listApiKeyRates: { ids: [`key_${SUFFIX}`] },
  rotateApiKey: { overlapSeconds: 3600 },
  verifyApiKey: { key: KEY, permissions: [PERMISSION] },
  verifyApiKeys: { checks: [{ key: KEY, permissions: [PERMISSION] }] },
  createWorkspace: { name: 'Staging' },
  updateWorkspace: { name: 'Production', permissionMode: 'capped' },
  createRole: { name: 'Support', permissions: [PERMISSION] },
  updateRole: { permissions: [PERMISSION] },
  updateMember: { roleId: `role_${SUFFIX}` },
  removeMember: { cascade: true },
  createInvitation: { email: 'ada@example.com', roleId: `role_${SUFFIX}` },
  acceptInvitation: { token: 'lk_invite_…', displayName: 'Ada Lovelace' },
  requestSignInLink: { email: 'ada@example.com' },
  createSession: { token: 'lk_signin_…' },
  setDefaultWorkspace: { workspaceId: `ws_${SUFFIX}` },
  switchWorkspace: { workspaceId: `ws_${SUFFIX}` },
};

/** Example values by schema title and field name; they take precedence over all others. */
const FIELDS: Readonly<Record<string, Json>> = {
  'ApiKey.id': `key_${SUFFIX}`,
  'ApiKeyWithSecrets.id': `key_${SUFFIX}`,
  'ApiKeyWithSecrets.lastUsedAt': null,
  'ApiKeyWithSecrets.expiresAt': INSTANT,
  'ApiKeyWithSecrets.revokedAt': null,
  'KeySecret.hint': KEY,
  'KeySecret.endsAt': null,
  'KeySecret.lastUsedAt': null,
  'KeySecret.share': 1,
  'ExceedingKey.id': `key_${SUFFIX}`,
  'ItemError.id': `key_${SUFFIX}`,
  'KeyUsage.id': `key_${SUFFIX}`,
  'KeyDenials.id': `key_${SUFFIX}`,
  'Instance.id': `ins_${SUFFIX}`,
  'Rate.id': `key_${SUFFIX}`,
  'AffectedKey.id': `key_${SUFFIX}`,
  'Ended.id': `key_${SUFFIX}`,
  'Workspace.id': `ws_${SUFFIX}`,
  'Role.id': `role_${SUFFIX}`,
  'Role.name': 'Support',
  'Invitation.id': `inv_${SUFFIX}`,
  'LogEntry.id': `log_${SUFFIX}`,
  'AuditRecord.id': `log_${SUFFIX}`,
  'ApiKey.lastUsedAt': null,
  'ApiKey.expiresAt': INSTANT,
  'ApiKey.revokedAt': null,
  'Invitation.expiresAt': INSTANT,
  'Invitation.acceptedAt': null,
  'Role.isSystem': false,
  'Role.isDefault': false,
  'UsagePoint.allowed': 42,
};

/** Example values of string fields whose schema has no example. */
const TEXTS: Readonly<Record<string, string>> = {
  id: `usr_${SUFFIX}`,
  userId: `usr_${SUFFIX}`,
  actorId: `usr_${SUFFIX}`,
  inviterId: `usr_${SUFFIX}`,
  workspaceId: `ws_${SUFFIX}`,
  defaultWorkspaceId: `ws_${SUFFIX}`,
  roleId: `role_${SUFFIX}`,
  keyId: `key_${SUFFIX}`,
  sessionId: `ses_${SUFFIX}`,
  requestId: `req_${SUFFIX}`,
  deleted: `key_${SUFFIX}`,
  key: KEY,
  token: 'lk_invite_…',
  acceptUrl: 'https://keys.example.com/accept-invitation#lk_invite_…',
  name: 'Billing worker',
  workspaceName: 'Production',
  displayName: 'Ada Lovelace',
  inviterDisplayName: 'Grace Hopper',
  roleName: 'Support',
  email: 'ada@example.com',
  actorEmail: 'ada@example.com',
  inviterEmail: 'grace@example.com',
  eventDescription: 'Ada Lovelace created the key Billing worker',
  hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  resource: 'calls',
  action: 'read',
  missing: 'calls:read',
  note: 'The key is not revoked',
};

/** The example value of an enum, by the title of its schema; other enums use their first value. */
const VALUES: Readonly<Record<string, string>> = {
  Permission: PERMISSION,
  AuditEventType: 'api-key.created',
};

/** Example values of the path parameter `id`, by tag. */
const PATH_IDS: Readonly<Record<string, string>> = {
  'API keys': `key_${SUFFIX}`,
  Usage: `key_${SUFFIX}`,
  Invitations: `inv_${SUFFIX}`,
};

/**
 * An example request body for the endpoint, with a permission of this catalogue. If `BODIES` has none for the endpoint,
 * the example has the required fields of its schema.
 */
export function bodyExample({ id, body }: Endpoint, { permissions }: Catalogue): Json {
  const known = BODIES[id];
  if (known === undefined) return exampleOf(body ?? {}, true);
  const [first = PERMISSION] = permissions;
  return permissions.includes(PERMISSION) ? known : replaced(known, PERMISSION, first);
}

function replaced(value: Json, from: string, to: string): Json {
  if (Array.isArray(value)) return value.map((item) => replaced(item, from, to));
  if (!isObject(value)) return value === from ? to : value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, from, to)]));
}

/** An example value of a path parameter. */
export function parameterExample(name: string, { tag }: Endpoint): Json {
  return (name === 'id' ? PATH_IDS[tag] : undefined) ?? TEXTS[name] ?? name;
}

/** A value that the schema allows, always the same one; uses the examples of the schema if it has any. */
export function exampleOf(schema: object, onlyRequired = false): Json {
  return example(plain(schema), '', '', onlyRequired);
}

function example(schema: JsonObject, parent: string, name: string, onlyRequired: boolean): Json {
  const { examples, const: constant, enum: values, type } = schema;
  const known = FIELDS[`${parent}.${name}`];
  if (known !== undefined) return known;
  if (constant !== undefined) return constant;
  if (Array.isArray(examples)) return examples[0] ?? null;
  if (Array.isArray(values)) return valueExample(schema, values);
  if (type === 'object') return objectExample(schema, onlyRequired);
  if (type === 'array') return [example(schemaAt(schema, 'items'), parent, name, onlyRequired)];
  return hasType(schema, 'string') ? textExample(schema, name) : plainExample(schema);
}

function valueExample({ title }: JsonObject, values: readonly Json[]): Json {
  const preferred = VALUES[String(title)];
  return preferred !== undefined && values.includes(preferred) ? preferred : (values[0] ?? null);
}

function objectExample(schema: JsonObject, onlyRequired: boolean): Json {
  const { title = '', required } = schema;
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const fields = Object.entries(schemaAt(schema, 'properties'))
    .filter(([name]) => !onlyRequired || isRequired(name))
    .map(([name, field]) => [name, example(isObject(field) ? field : {}, String(title), name, onlyRequired)]);
  return Object.fromEntries(fields) as JsonObject;
}

function textExample(schema: JsonObject, name: string): Json {
  const known = TEXTS[name];
  if (known !== undefined) return known;
  if (hasType(schema, 'null')) return null;
  if (schema.format === 'date-time') return INSTANT;
  return schema.format === 'email' ? 'ada@example.com' : '…';
}

/** An example of a number or boolean. */
function plainExample(schema: JsonObject): Json {
  if (hasType(schema, 'null')) return null;
  return hasType(schema, 'boolean') ? true : (schema.minimum ?? 0);
}

function hasType({ type }: JsonObject, name: string): boolean {
  return type === name || (Array.isArray(type) && type.includes(name));
}

function schemaAt(schema: JsonObject, keyword: string): JsonObject {
  const inner = schema[keyword];
  return isObject(inner) ? inner : {};
}
