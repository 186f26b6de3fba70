import type { BuiltInRoleName, Permission } from '@latchkey/contract';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  /** The first two parts of the text of its keys: `lk_live_…`. Lower-case letters and digits. */
  readonly keyPrefix: string;
  readonly keyEnvironment: string;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly createdAt: number;
}

/** A person as others see them. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** A person in a workspace, with what their role lets them do now. */
export interface Member extends Person {
  readonly roleName: BuiltInRoleName;
  readonly permissions: ReadonlySet<Permission>;
}
