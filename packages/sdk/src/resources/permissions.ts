import { listGrantablePermissions, listPermissions, type QueryOf, type ResultOf } from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** The permission catalogue of the service. */
export class Permissions {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Every permission that a key can be given, in catalogue order. */
  async list(): Promise<ResultOf<typeof listPermissions>> {
    const { result } = await this.#requester.call(listPermissions, {});
    return result;
  }

  /** Every permission, with the reason if the credential cannot give it to a new key of the owner, itself by default. */
  async grantable(
    query: QueryOf<typeof listGrantablePermissions> = {},
  ): Promise<ResultOf<typeof listGrantablePermissions>> {
    const { result } = await this.#requester.call(listGrantablePermissions, { query });
    return result;
  }
}
