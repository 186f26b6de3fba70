import type { InstanceBody, SystemBody } from '@latchkey/contract';
import type { InstanceState } from '../../domain/host/instances.ts';
import type { SystemState } from '../../domain/host/system-state.ts';
import { presentInstant } from './key.ts';

export function presentSystem(state: SystemState): SystemBody {
  return systemBody(state, ({ id, version, startedAt }) => ({
    id,
    version,
    startedAt: presentInstant(startedAt),
  }));
}

/** With the details that only a user of the host may see. */
export function presentSystemOnHost(state: SystemState): SystemBody {
  return systemBody(state, ({ host, pid, cachedKeys, lastError, ...instance }) => ({
    ...presentInstance(instance),
    host,
    pid,
    cachedKeys,
    lastError: lastError && { at: presentInstant(lastError.at), message: lastError.message },
  }));
}

export function presentInstance({
  id,
  version,
  startedAt,
  heartbeatAt,
  lagMs,
}: Pick<InstanceState, 'id' | 'version' | 'startedAt' | 'heartbeatAt' | 'lagMs'>): InstanceBody {
  const times = { startedAt: presentInstant(startedAt), heartbeatAt: presentInstant(heartbeatAt) };
  return { id, version, ...times, lagMs };
}

function systemBody(
  { problems, instances }: SystemState,
  present: (instance: InstanceState) => SystemBody['instances'][number],
): SystemBody {
  return {
    status: problems.length === 0 ? 'healthy' : 'unhealthy',
    problems: [...problems],
    instanceCount: instances.length,
    instances: instances.map(present),
  };
}
