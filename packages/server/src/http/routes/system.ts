import {
  getLiveness,
  getMe,
  getReadiness,
  getSystem,
  listGrantablePermissions,
  listInstances,
  listPermissions,
} from '@latchkey/contract';
import { listInstances as list, getSystem as systemState } from '../../domain/host/system-state.ts';
import { listGrantable } from '../../domain/keys/list-grantable.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentInstance, presentSystem } from '../present/system.ts';

export function systemRoutes(services: Services): Route[] {
  const { catalogue, requireReady, requireReadyForChanges } = services;
  return [
    route(listPermissions, async () => ({
      message: 'Permissions listed',
      result: { permissions: [...catalogue.entries] },
    })),
    route(listGrantablePermissions, async ({ caller, query }) => ({
      message: 'Grantable permissions listed',
      result: { grantable: await listGrantable(services, caller, query.userId) },
    })),
    route(getMe, async ({ caller }) => {
      const { kind, userId, workspaceId, permissions, keyId, keyUse } = caller;
      const me = {
        kind,
        userId,
        workspaceId,
        permissions: keyUse === 'verify' ? [] : [...permissions],
        ...(keyId !== null && { keyId }),
        ...(keyUse === 'verify' && { use: keyUse }),
      };
      return { message: 'Caller found', result: { caller: me } };
    }),
    route(getSystem, async ({ caller }) => ({
      message: 'State found',
      result: { system: presentSystem(await systemState(services.system, caller)) },
    })),
    route(listInstances, async ({ caller }) => ({
      message: 'Instances listed',
      result: { instances: (await list(services.system, caller)).map(presentInstance) },
    })),
    route(getLiveness, async () => ({ message: 'Alive', result: { health: { status: 'live' } } })),
    route(getReadiness, async ({ query }) => {
      await requireReady();
      if (query.for === 'changes') await requireReadyForChanges();
      return { message: 'Ready', result: { health: { status: 'ready' } } };
    }),
  ];
}
