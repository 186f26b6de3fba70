import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from './primitives.ts';

export const SYSTEM_STATUSES = ['healthy', 'unhealthy'] as const;
export type SystemStatus = (typeof SYSTEM_STATUSES)[number];

const LoggedError = Type.Object({
  at: Timestamp,
  message: Type.String({ description: 'The text of the log line; the log has the details.' }),
});

/** A running process of the service. */
export const Instance = Type.Object(
  {
    id: Id,
    version: Type.String({ examples: ['0.1.0'] }),
    startedAt: Timestamp,
    cachedKeys: Type.Optional(Type.Integer({ minimum: 0, description: 'Keys in memory.' })),
    lagMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'By how many milliseconds the cached keys may be older than the database.',
      }),
    ),
    lastError: Type.Optional(
      Nullable({ ...LoggedError, description: 'The last error in the log since the start; null: none.' }),
    ),
  },
  { title: 'Instance' },
);

export const System = Type.Object(
  {
    status: Type.Unsafe<SystemStatus>({ type: 'string', enum: [...SYSTEM_STATUSES] }),
    problems: Type.Array(Type.String(), { description: 'What does not work now, for people.' }),
    instanceCount: Type.Integer({ minimum: 1 }),
    instances: Type.Array(Instance, {
      description:
        '`cachedKeys`, `lagMs` and `lastError` are shown only to users of the host, by `latchkey system`.',
    }),
  },
  { title: 'System' },
);

export type SystemBody = Static<typeof System>;
