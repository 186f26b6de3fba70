import { getLiveness, getMe, getReadiness, listPermissions } from '@latchkey/contract';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';

export function systemRoutes({ catalogue, requireReady, requireReadyForChanges }: Services): Route[] {
  return [
    route(listPermissions, async () => ({
      message: 'Permissions listed',
      result: { permissions: [...catalogue.entries] },
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
    route(getLiveness, async () => ({ message: 'Alive', result: { health: { status: 'live' } } })),
    route(getReadiness, async ({ query }) => {
      await requireReady();
      if (query.for === 'changes') await requireReadyForChanges();
      return { message: 'Ready', result: { health: { status: 'ready' } } };
    }),
  ];
}
