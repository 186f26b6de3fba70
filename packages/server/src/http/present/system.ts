import type { SystemBody } from '@latchkey/contract';
import type { SystemState } from '../../domain/host/system-state.ts';
import { presentInstant } from './key.ts';

export function presentSystem({ problems, instances }: SystemState): SystemBody {
  return {
    status: problems.length === 0 ? 'healthy' : 'unhealthy',
    problems: [...problems],
    instanceCount: instances.length,
    instances: instances.map(({ startedAt, lastError, ...instance }) => ({
      ...instance,
      startedAt: presentInstant(startedAt),
      ...(lastError !== undefined && {
        lastError: lastError && { at: presentInstant(lastError.at), message: lastError.message },
      }),
    })),
  };
}
