import {
  type BodyOf,
  createRole,
  deleteRole,
  listRoles,
  type QueryOf,
  type ResultOf,
  type RoleBody,
  updateRole,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import {
  type CreateOptions,
  changeQuery,
  type DryRunOption,
  type Requester,
  type WaitOption,
} from '../request.ts';

/** What members of a workspace may do. */
export class Roles {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** One page: the system roles first, then custom roles by name; up to 1,000 by default. */
  async list(
    workspaceId: string,
    query: QueryOf<typeof listRoles> = {},
  ): Promise<ResultOf<typeof listRoles>> {
    const { result } = await this.#requester.call(listRoles, { params: { workspaceId }, query });
    return result;
  }

  /** Every role, read page by page. */
  listAll(workspaceId: string): AsyncGenerator<RoleBody, void, undefined> {
    const read = (place: PagePlace) => this.list(workspaceId, place);
    return itemsOf(read, ({ roles }) => roles);
  }

  /** PERMISSION_ESCALATION for a permission that the credential does not hold. */
  async create(
    workspaceId: string,
    body: BodyOf<typeof createRole>,
    options: CreateOptions = {},
  ): Promise<ResultOf<typeof createRole>> {
    const { result } = await this.#requester.call(createRole, { params: { workspaceId }, body, ...options });
    return result;
  }

  /** A field that is left out is unchanged. `exceedingKeys` now exceed the role; `revokeExceeding` revokes them. */
  async update(
    workspaceId: string,
    roleId: string,
    { dryRun, wait, ...body }: BodyOf<typeof updateRole> & DryRunOption & WaitOption,
  ): Promise<ResultOf<typeof updateRole>> {
    const params = { workspaceId, roleId };
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(updateRole, { params, body, query });
    return result;
  }

  /** CONFLICT while a member has the role. */
  async delete(workspaceId: string, roleId: string): Promise<ResultOf<typeof deleteRole>> {
    const { result } = await this.#requester.call(deleteRole, { params: { workspaceId, roleId } });
    return result;
  }
}
