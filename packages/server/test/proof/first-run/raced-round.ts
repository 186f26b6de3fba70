import { expect } from 'vitest';
import { createSignInLink } from '../../../src/domain/sessions/create-sign-in-link.ts';
import { operator } from '../../../src/domain/shared/caller.ts';
import { generateToken } from '../../../src/domain/shared/tokens.ts';
import { inject } from '../../harness/inject.ts';
import { startTestService, type TestService } from '../../harness/test-service.ts';

const CLAIMS = 100;
const URL = '/api/v2/sessions';

/** A first run in which a hundred clients with different addresses claim the same link, while others guess tokens. */
export async function racedRound(): Promise<void> {
  const service = await startTestService();
  const { storage, keyring, clock, owner } = service;
  try {
    const needs = { unitOfWork: storage, keyring, clock };
    const { token } = await createSignInLink(needs, operator(storage.catalogue, owner));
    const answers = await Promise.all(
      Array.from({ length: CLAIMS }, (_, number) => claim(service, token, `198.51.100.${number}`)),
    );
    expect(answers.filter((status) => status === 201)).toHaveLength(1);
    expect(answers.filter((status) => status === 404)).toHaveLength(CLAIMS - 1);
    expect(await claim(service, token, '203.0.113.1')).toBe(404);
    expect(await claim(service, generateToken('signin'), '203.0.113.1')).toBe(404);
    expect(await storage.sessions.list(owner.workspaceId, owner.userId)).toHaveLength(1);
    expect(await storage.members.countActiveOwners(owner.workspaceId)).toBe(1);
  } finally {
    await service.close();
  }
}

async function claim({ app }: TestService, token: string, remoteAddress: string): Promise<number> {
  const { statusCode } = await inject(app, { method: 'POST', url: URL, payload: { token }, remoteAddress });
  return statusCode;
}
