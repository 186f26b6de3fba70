import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from './primitives.ts';

export const SYSTEM_STATUSES = ['healthy', 'unhealthy'] as const;
export type SystemStatus = (typeof SYSTEM_STATUSES)[number];

const LoggedError = Type.Object({
  at: Timestamp,
  message: Type.String({ description: 'The text of the log line; the log has the details.' }),
});

const ofEvery = { id: Id, version: Type.String({ examples: ['0.1.0'] }), startedAt: Timestamp };

const HeartbeatAt = Type.Unsafe<string>({
  ...Timestamp,
  description: 'When it last wrote to the database that it is alive.',
});
const LagMs = Type.Integer({
  minimum: 0,
  description: 'By how many milliseconds its cached keys may be older than the database, at that time.',
});

/** A running process of the service, as it was at its last heartbeat. */
export const Instance = Type.Object(
  { ...ofEvery, heartbeatAt: HeartbeatAt, lagMs: LagMs },
  { title: 'Instance' },
);

export type InstanceBody = Static<typeof Instance>;

/** The same with details that only a user of the host sees. */
const InstanceOnHost = Type.Object(
  {
    ...ofEvery,
    heartbeatAt: Type.Optional(HeartbeatAt),
    lagMs: Type.Optional(LagMs),
    host: Type.Optional(Type.String({ description: 'The name of its machine.' })),
    pid: Type.Optional(Type.Integer({ minimum: 0, description: 'Its process id there.' })),
    cachedKeys: Type.Optional(Type.Integer({ minimum: 0, description: 'Keys in memory.' })),
    lastError: Type.Optional(
      Nullable({ ...LoggedError, description: 'The last error in the log since the start; null: none.' }),
    ),
  },
  { title: 'SystemInstance' },
);

export const System = Type.Object(
  {
    status: Type.Unsafe<SystemStatus>({ type: 'string', enum: [...SYSTEM_STATUSES] }),
    problems: Type.Array(Type.String(), { description: 'What does not work now, for people.' }),
    instanceCount: Type.Integer({ minimum: 1 }),
    instances: Type.Array(InstanceOnHost, {
      description:
        'Only `id`, `version` and `startedAt`; `latchkey system` shows the rest to users of the host.',
    }),
  },
  { title: 'System' },
);

export type SystemBody = Static<typeof System>;
