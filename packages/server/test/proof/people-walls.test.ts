import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SqliteConnection } from '../../src/storage/engines/sqlite/connection.mjs';
import { type IdentityService, startIdentityService } from '../harness/identity-service.ts';
import { Random, seedFrom } from '../harness/random.ts';
import type { Answer, TestService } from '../harness/test-service.ts';
import { proofSize } from './sizes.ts';
import { WallHistory } from './walls/history.ts';

const HISTORIES = proofSize('PEOPLE_HISTORIES');
const SEED = seedFrom('PEOPLE_SEED');
const ACTS = 10;

let service: IdentityService;

beforeAll(async () => {
  service = await startIdentityService();
});
afterAll(() => service.close());

test('no act in one workspace changes what a person can do in another', async () => {
  const random = new Random(SEED);
  const sums = { acts: 0, asked: 0 };
  const crossings: string[] = [];
  const wrong: string[] = [];
  for (let number = 0; number < HISTORIES; number++) {
    const findings = await new WallHistory(service, random, number).run(ACTS);
    sums.acts += findings.acts;
    sums.asked += findings.asked;
    crossings.push(...findings.crossings);
    wrong.push(...findings.wrong);
  }
  console.log(
    `people: ${HISTORIES} histories, ${sums.acts} acts, ${sums.asked} questions, ${crossings.length} changes across workspaces, ` +
      `${wrong.length} other differences from the oracle (PEOPLE_SEED=${SEED})`,
  );
  expect(crossings).toEqual([]);
  expect(wrong).toEqual([]);
}, 3_600_000);

describe('a workspace cannot tell whether an address is known elsewhere', () => {
  const API = '/api/v2';
  let asking: TestService['owner'];
  let known: string;
  let unknown: string;
  let number = 0;

  /** Two addresses of the same length: one has a member and an account in another workspace, the other is not registered. */
  beforeEach(async () => {
    number++;
    asking = await service.addWorkspace();
    const elsewhere = await service.addWorkspace();
    known = `known---${number}@example.com`;
    unknown = `unknown-${number}@example.com`;
    const userId = await service.invite(known, 'Admin', elsewhere);
    service.idp.accounts.set(known, { email: known, email_verified: true });
    await service.join(userId, known);
  });

  /** The content of an answer, without ids and times, which differ in every answer. */
  const plain = ({ status, headers, body }: Answer, email: string): string => {
    const { 'x-request-id': _, date: __, ...fields } = headers;
    return JSON.stringify({ status, fields, body })
      .replaceAll(email, 'EMAIL')
      .replaceAll(email.split('@')[0] ?? '', 'NAME')
      .replaceAll(/lk_[a-z]+_[0-9A-Za-z]{49}/g, 'TOKEN')
      .replaceAll(/\b(?:usr|inv|req|log|ses)_[0-9a-z]{26}/g, 'ID')
      .replaceAll(/[0-9a-f]{64}/g, 'HASH');
  };

  /** Each call of a workspace that takes an address, or comes after one that did. */
  async function callsAbout(email: string): Promise<[string, Answer, number][]> {
    const { workspaceId, secret: as } = asking;
    const role = await service.storage.roles.findByName(workspaceId, 'Viewer');
    const seen: [string, Answer, number][] = [];
    const call = async (name: string, method: string, path: string, options: object = {}) => {
      const before = statements;
      const answer = await service.call(method, API + path, options);
      seen.push([name, answer, statements - before]);
      return answer.body.data.result;
    };
    const invitation = { email, roleId: role?.id, skipEmail: true };
    await call('invite', 'POST', '/workspaces/invitations', { as, body: invitation });
    const again = await call('invite again', 'POST', '/workspaces/invitations', { as, body: invitation });
    const body = { token: again.invitation.token };
    const { member } = await call('accept', 'POST', '/workspaces/invitations/accept', { body });
    await call('accept again', 'POST', '/workspaces/invitations/accept', { body });
    await call('invite a member', 'POST', '/workspaces/invitations', { as, body: invitation });
    const path = `/workspaces/${workspaceId}/members`;
    await call('update', 'PUT', `${path}/${member.userId}`, { as, body: { status: 'suspended' } });
    await call('remove', 'DELETE', `${path}/${member.userId}`, { as });
    await call('invite who left', 'POST', '/workspaces/invitations', { as, body: invitation });
    return seen;
  }

  let statements = 0;

  test('by the bytes of any answer, nor by the work that it takes', async () => {
    const { run } = SqliteConnection.prototype;
    const counting = vi.spyOn(SqliteConnection.prototype, 'run').mockImplementation(function (
      this: SqliteConnection,
      asked,
    ) {
      statements += asked.length;
      return run.call(this, asked);
    });
    try {
      // The first calls of a key also read what the later ones find in memory.
      await callsAbout(`first---${number}@example.com`);
      let compared = 0;
      for (let round = 0; round < 3; round++) {
        const [first, second] = round % 2 === 0 ? [known, unknown] : [unknown, known];
        const ofFirst = await callsAbout(first);
        const ofSecond = await callsAbout(second);
        for (const [index, [name, answer, work]] of ofFirst.entries()) {
          const [, other, otherWork] = ofSecond[index] ?? [];
          if (!other) throw new Error(`There is no second ${name}`);
          expect(plain(answer, first), name).toBe(plain(other, second));
          expect(work, name).toBe(otherWork);
          compared++;
        }
      }
      console.log(`people: ${compared} answers compared, 0 differ in bytes or in statements`);
      expect(statements).toBeGreaterThan(0);
    } finally {
      counting.mockRestore();
    }
  });
});
