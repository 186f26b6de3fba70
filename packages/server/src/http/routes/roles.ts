import { createRole, deleteRole, listRoles, updateRole } from '@latchkey/contract';
import { createRole as create } from '../../domain/roles/create-role.ts';
import { deleteRole as remove } from '../../domain/roles/delete-role.ts';
import { listRoles as list } from '../../domain/roles/list-roles.ts';
import { updateRole as update } from '../../domain/roles/update-role.ts';
import { changeMessage, presentEffect, runOrRehearse } from '../pipeline/change-options.ts';
import { replayHeader } from '../pipeline/request-headers.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentPage } from '../present/page.ts';
import { presentExceeding, presentRole } from '../present/tenancy.ts';

export function roleRoutes(services: Services): Route[] {
  return [
    route(listRoles, async ({ caller, query, signal }) => {
      const page = await list(services.listing(signal), caller, query);
      const roles = page.items.map(presentRole);
      return { message: 'Roles listed', result: { roles, pagination: presentPage(page) } };
    }),
    route(createRole, async ({ caller, params, body, idempotency, setHeaders }) => {
      const role = await create(services, caller, body, idempotency);
      const path = createRole.path.replace('{workspaceId}', params.workspaceId);
      setHeaders({ Location: `${path}/${role.id}`, ...replayHeader(role) });
      return { message: 'Role created', result: { role: presentRole(role) } };
    }),
    route(updateRole, async (call) => {
      const { caller, params, body, query } = call;
      const { role, exceedingKeys } = await runOrRehearse(services, query, (services) =>
        update(services, caller, params.roleId, body),
      );
      const result = {
        role: presentRole(role),
        exceedingKeys: presentExceeding(exceedingKeys),
        ...(await presentEffect(services, call)),
      };
      return { message: changeMessage('Role updated', query), result };
    }),
    route(deleteRole, async ({ caller, params }) => {
      const role = await remove(services, caller, params.roleId);
      return { message: 'Role deleted', result: { role: presentRole({ ...role, isAssignable: false }) } };
    }),
  ];
}
