import { type Kysely, sql } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { createPeople, replaceUsers } from './0009/people.ts';
import { type Person, type Place, planPeople } from './0009/plan.ts';
import { moveReferences } from './0009/references.ts';
import type { Before } from './0009/tables.ts';
import { replaceReferenced } from './replace-referenced.ts';

const TO_USERS = [
  { table: 'members', column: 'user_id' },
  { table: 'invitations', column: 'inviter_id' },
  { table: 'api_keys', column: 'user_id' },
  { table: 'sessions', column: 'user_id' },
  { table: 'sign_in_links', column: 'user_id' },
];

/**
 * Separates people by workspace: one row in `users` for each workspace of a person, each with its own id, and accounts for
 * those with a linked identity. A person who was in several workspaces keeps the id in the first;
 * rows elsewhere get a new id and, if they were intact, a new seal. Entries of the audit log stay as written.
 */
export async function up(db: Kysely<unknown>, keyring: Keyring): Promise<void> {
  const before = db as unknown as Kysely<Before>;
  const plan = planPeople(await readPeople(before));
  await createPeople(db);
  await replaceReferenced(db, 'users', TO_USERS, async () => {
    await replaceUsers(db, keyring, plan);
    await moveReferences(before, keyring, plan.people);
  });
  await db.schema.alterTable('sessions').addColumn('account_id', 'text').execute();
  await db.schema.alterTable('workspaces').addColumn('made_by', 'text').execute();
  await db.schema.createIndex('workspaces_by_made_by').on('workspaces').column('made_by').execute();
  await db.schema.alterTable('invitations').addColumn('mail_digest', 'text').execute();
  await db.schema
    .createIndex('invitations_by_mail_digest')
    .on('invitations')
    .column('mail_digest')
    .unique()
    .execute();
}

async function readPeople(db: Kysely<Before>) {
  const users = await db.selectFrom('users').selectAll().orderBy('created_at').orderBy('id').execute();
  const links = await db.selectFrom('identity_links').selectAll().orderBy('linked_at').execute();
  const memberships = await db
    .selectFrom('members')
    .select(['user_id', 'workspace_id', 'created_at'])
    .orderBy('created_at')
    .orderBy('workspace_id')
    .execute();
  const places = [...memberships, ...(await placesOf(db))];
  const known = new Set(places.map((place) => place.user_id));
  const lost = users.filter(({ id }) => !known.has(id));
  return { users, links, memberships, places: [...places, ...(await placesInLog(db, lost))] };
}

/** The workspaces in which rows other than memberships refer to a person. */
async function placesOf(db: Kysely<Before>): Promise<Place[]> {
  const { rows } = await sql<Place>`
    select user_id, workspace_id from api_keys
    union select created_by_user_id, workspace_id from api_keys
    union select inviter_id, workspace_id from invitations
    union select user_id, workspace_id from sessions
    union select user_id, workspace_id from sign_in_links
    order by 1, 2`.execute(db);
  return rows;
}

/** The workspaces of people who have left and own nothing, from the audit log. */
async function placesInLog(db: Kysely<Before>, people: readonly Pick<Person, 'id'>[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const { id } of people) {
    const entries = await db
      .selectFrom('audit_entries')
      .select('workspace_id')
      .distinct()
      .where((either) => either.or([either('actor_id', '=', id), either('details', 'like', `%"${id}"%`)]))
      .orderBy('workspace_id')
      .execute();
    places.push(...entries.map(({ workspace_id }) => ({ user_id: id, workspace_id })));
  }
  return places;
}
