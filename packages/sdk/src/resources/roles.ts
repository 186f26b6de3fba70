import {
  type BodyOf,
  createRole,
  deleteRole,
  listRoles,
  type ResultOf,
  updateRole,
} from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** What members of a workspace may do. */
export class Roles {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** The system roles first, then the own ones by name. */
  async list(workspaceId: string): Promise<ResultOf<typeof listRoles>> {
    const { result } = await this.#requester.call(listRoles, { params: { workspaceId } });
    return result;
  }

  /** PERMISSION_ESCALATION for a permission that the credential does not hold. */
  async create(workspaceId: string, body: BodyOf<typeof createRole>): Promise<ResultOf<typeof createRole>> {
    const { result } = await this.#requester.call(createRole, { params: { workspaceId }, body });
    return result;
  }

  /** What is left out stays. `exceedingKeys` hold more than the role gives now; `revokeExceeding` ends them. */
  async update(
    workspaceId: string,
    roleId: string,
    body: BodyOf<typeof updateRole>,
  ): Promise<ResultOf<typeof updateRole>> {
    const { result } = await this.#requester.call(updateRole, { params: { workspaceId, roleId }, body });
    return result;
  }

  /** CONFLICT where a member still has it. */
  async delete(workspaceId: string, roleId: string): Promise<ResultOf<typeof deleteRole>> {
    const { result } = await this.#requester.call(deleteRole, { params: { workspaceId, roleId } });
    return result;
  }
}
