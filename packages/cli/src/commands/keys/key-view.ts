import type { ApiKeyBody, KeyStatus, Permission } from '@latchkey/contract';
import type { Format } from '../../terminal/style.ts';
import type { Column, Fact } from '../../terminal/table.ts';

const STATUS_FORMATS: Readonly<Record<KeyStatus, Format>> = {
  active: 'green',
  disabled: 'yellow',
  expired: 'red',
  revoked: 'red',
};

export const KEY_COLUMNS: readonly Column<ApiKeyBody>[] = [
  { title: 'ID', importance: 10, text: ({ id }) => id },
  { title: 'NAME', importance: 9, widthMin: 12, text: ({ name }) => name },
  {
    title: 'STATUS',
    importance: 8,
    text: ({ status }) => status,
    format: ({ status }) => STATUS_FORMATS[status],
  },
  { title: 'KEY', importance: 7, text: ({ key }) => key },
  { title: 'OWNER', importance: 4, widthMin: 10, text: ({ creator }) => creator.email },
  { title: 'EXPIRES', importance: 6, text: ({ expiresAt }) => toMinute(expiresAt, 'never') },
  { title: 'LAST USED', importance: 5, text: ({ lastUsedAt }) => toMinute(lastUsedAt, 'never') },
  { title: 'CREATED', importance: 2, text: ({ createdAt }) => toMinute(createdAt, '') },
];

/** All fields of a key, for people. */
export function keyFacts(apiKey: ApiKeyBody): Fact[] {
  const { creator, createdBy, revokedAt, revokedReason } = apiKey;
  const end: Fact[] = revokedAt === null ? [] : [['revoked', withReason(revokedAt, revokedReason)]];
  return [
    ['id', apiKey.id],
    ['name', apiKey.name],
    ['status', apiKey.status],
    ['key', apiKey.key],
    ['owner', `${creator.displayName} <${creator.email}> (${creator.id})`],
    ['workspace', apiKey.workspaceId],
    ['created', `${apiKey.createdAt} by ${createdBy.keyId ?? createdBy.userId}`],
    ['last used', apiKey.lastUsedAt ?? 'never'],
    ['expires', apiKey.expiresAt ?? 'never'],
    ...end,
    ...limitFacts(apiKey.rateLimit),
    ...(apiKey.use === 'verify' ? [['use', 'verify: only to verify keys'] satisfies Fact] : []),
    ['permissions', permissionLines(apiKey.permissions)],
  ];
}

export function limitFacts({ requestsPerMinute, requestsPerDay }: ApiKeyBody['rateLimit']): Fact[] {
  return [
    ['per minute', limit(requestsPerMinute)],
    ['per day', limit(requestsPerDay)],
  ];
}

/** One line per resource: `agents: read, write`. */
export function permissionLines(permissions: readonly Permission[]): string | string[] {
  if (permissions.length === 0) return 'none';
  const actions = new Map<string, string[]>();
  for (const permission of permissions) {
    const [resource = '', action = ''] = permission.split(':');
    actions.set(resource, [...(actions.get(resource) ?? []), action]);
  }
  return Array.from(actions, ([resource, list]) => `${resource}: ${list.join(', ')}`);
}

function limit(count: number | null): string {
  return count === null ? 'no limit' : String(count);
}

function withReason(instant: string, reason: string | null): string {
  return reason === null ? instant : `${instant}: ${reason}`;
}

/** `2026-11-23 09:30Z`: UTC, to the minute. */
export function toMinute(instant: string | null, none: string): string {
  return instant === null ? none : `${instant.slice(0, 16).replace('T', ' ')}Z`;
}
