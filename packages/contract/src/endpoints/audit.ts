import { Type } from 'typebox';
import { AUDIT_EVENT_TYPES } from '../audit-events.ts';
import { AuditEventTypeSchema, AuditRecord, LogEntry } from '../schemas/audit-entry.ts';
import { Closed } from '../schemas/envelope.ts';
import { PageQuery, Pagination, SortOrderSchema } from '../schemas/page.ts';
import { Id, InstantInput, OwnWorkspace } from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const LOGS = `${API_BASE}/workspaces/logs`;
const tag = 'Audit log' as const;

/** Entries that one search of the log reads at most. */
export const LOG_SEARCH_MAX = 100_000;

/** Characters. The target of a denied call is its method and path. */
const TARGET_ID_MAX = 256;

export const listLogs = defineEndpoint({
  id: 'listLogs',
  method: 'GET',
  path: LOGS,
  tag,
  summary: 'List the audit log',
  description: `Who changed what, the newest first. \`uniqueEventTypes\` has the types that occur in the workspace. A search reads ${LOG_SEARCH_MAX} entries per call, those that the other filters leave from the beginning or from the cursor, or fewer if several filters are combined: \`total\` counts the matches among them, and \`nextCursor\` goes on after them, also after a page that is not full. Of keys that the caller may not see (\`api-keys:read\`, and \`api-keys:manage-others\` for those of others), the name, the owner and the id of a key that was a credential are null, and a search does not find the name.`,
  access: { permission: 'workspace:logs-read' },
  query: Closed({
    eventType: Type.Optional(
      Type.Array(AuditEventTypeSchema, {
        minItems: 1,
        maxItems: AUDIT_EVENT_TYPES.length,
        description: 'One of these: `?eventType=api-key.created&eventType=api-key.revoked`.',
        examples: [['api-key.created', 'api-key.revoked']],
      }),
    ),
    actorId: Type.Optional(Id),
    targetId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: TARGET_ID_MAX,
        description: 'The id of what was changed.',
        examples: ['key_01m8hyj0000000000000000000'],
      }),
    ),
    from: Type.Optional(
      Type.String({ ...InstantInput, description: 'Entries of this instant and later ones. RFC 3339.' }),
    ),
    to: Type.Optional(
      Type.String({ ...InstantInput, description: 'Entries before this instant. RFC 3339.' }),
    ),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          "Part of the type, the target's id, the actor's address, the request id, or a name or an address that the target had before or after the change, in any case.",
        examples: ['billing'],
      }),
    ),
    sortOrder: Type.Optional(SortOrderSchema),
    ...PageQuery,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({
    logs: Type.Array(LogEntry),
    pagination: Pagination,
    uniqueEventTypes: Type.Array(AuditEventTypeSchema),
  }),
  errors: [],
});

export const exportLogs = defineEndpoint({
  id: 'exportLogs',
  method: 'GET',
  path: `${LOGS}/export`,
  tag,
  summary: 'Export the audit log',
  description:
    'The whole chain in order, one JSON object a line, to be checked offline with `latchkey audit verify`. The last line is `{"anchor":{"hash","sequence","workspaceId"}}`: an export without it is not whole. Where the oldest entries have been removed, the first line is `{"checkpoint":…}` of the same form. Nothing in it is masked, so it takes `api-keys:read` and `api-keys:manage-others` too.',
  access: { permission: 'workspace:logs-read' },
  query: Closed({ ...OwnWorkspace }),
  status: 200,
  streamed: true,
  result: AuditRecord,
  errors: [],
});
