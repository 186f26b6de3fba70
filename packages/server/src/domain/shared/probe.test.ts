import { beforeEach, expect, test } from 'vitest';
import { Probe } from './probe.ts';

let reports: string[];
let checks: number;
let check: () => Promise<void>;
let probe: Probe;

beforeEach(() => {
  reports = [];
  checks = 0;
  check = async () => {};
  probe = new Probe({
    check: () => {
      checks++;
      return check();
    },
    message: 'not now',
    onFailure: (error) => void reports.push((error as Error).message),
    onRecovery: () => void reports.push('recovered'),
  });
});

async function fail(): Promise<void> {
  throw new Error('the disk');
}

test('the first failure and the recovery are reported, and each probe between them fails', async () => {
  await probe.pass();
  check = fail;
  for (let count = 0; count < 3; count++)
    await expect(probe.pass()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'not now' });
  check = async () => {};
  await probe.pass();
  await probe.pass();
  expect(reports).toEqual(['the disk', 'recovered']);
});

test('concurrent probes share one check, also one that never settles', async () => {
  let end = (): void => {};
  check = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  const probes = Array.from({ length: 100 }, () => probe.pass());
  expect((await Promise.allSettled(probes)).every(({ status }) => status === 'rejected')).toBe(true);
  await expect(probe.pass()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(checks).toBe(1);
  end();
  check = async () => {};
  await new Promise((resolve) => setImmediate(resolve));
  await probe.pass();
  expect(checks).toBe(2);
});
