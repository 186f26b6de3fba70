import type { Load } from './change.ts';
import type { ContendedKey } from './contended-key.ts';
import { revokeFamily, revokeMany, revokeSingle, updateMany, updateSingle } from './key-changes.ts';
import { createFamily, createMember, createSingle, rotateSingle } from './mint-changes.ts';
import type { QuotaWatch } from './quota-watch.ts';

const CLIENTS = 6;

type Step = (load: Load) => Promise<void>;

/** What clients do, and how often. */
const CHANGES: readonly (readonly [weight: number, step: Step])[] = [
  [20, createSingle],
  [3, createFamily],
  [18, createMember],
  [16, updateSingle],
  [4, updateMany],
  [16, rotateSingle],
  [6, revokeSingle],
  [2, revokeMany],
  [8, revokeFamily],
];

/** Runs several clients concurrently, each with one pending call, until the service is gone. */
export async function runClients(
  load: Load,
  contended: ContendedKey | null,
  quotas: QuotaWatch,
): Promise<void> {
  const others: (readonly [number, Step])[] = [[6, (each) => quotas.spend(each)]];
  if (contended) others.push([7, (each) => contended.rename(each)]);
  const steps = [...CHANGES, ...others].flatMap(([weight, step]) => Array<Step>(weight).fill(step));
  await Promise.all(Array.from({ length: CLIENTS }, () => runClient(load, steps)));
}

async function runClient(load: Load, steps: readonly Step[]): Promise<void> {
  for (;;) {
    try {
      await load.random.pick(steps)(load);
      // A step may find nothing to do; the kill must not wait for it.
      await new Promise(setImmediate);
    } catch (error) {
      if (isConnectionLoss(error)) return;
      throw error;
    }
  }
}

/** The service is gone; anything else that is thrown is a fault of the test. */
function isConnectionLoss(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED'].includes(code ?? '') ||
    message === 'the answer broke off'
  );
}
