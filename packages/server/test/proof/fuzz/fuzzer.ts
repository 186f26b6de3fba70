import fc from 'fast-check';
import { isStream } from '../../harness/contract-checker.ts';
import { inject } from '../../harness/inject.ts';
import type { Draft } from './draft.ts';
import { asRouted, describeRequest, type FuzzAnswer, faultsOf } from './oracle.ts';
import { carryOut, type Plan, plans } from './plan.ts';
import { Samples } from './samples.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

const SILENCE_MAX_MS = 10_000;
/** The clock advances by one second after this number of requests, so that quotas become free again. */
const REQUESTS_A_SECOND = 50;
/** The audit log is emptied after this number of requests, so that exports of it stay short. */
const REQUESTS_LOGGED = 500;

/** Sends `requests` requests, one after another. Rejects at the first bad answer, with the request shrunk to a minimum. */
export async function fuzz(world: World, tally: Tally, seed: number, requests: number): Promise<void> {
  const samples = new Samples(seed);
  const property = fc.asyncProperty(plans, (plan) => attempt(plan, samples, world, tally));
  await fc.assert(property, { seed, numRuns: requests });
}

async function attempt(plan: Plan, samples: Samples, world: World, tally: Tally): Promise<void> {
  if (tally.total % REQUESTS_A_SECOND === 0) world.service.clock.advance(1_000);
  if (tally.total % REQUESTS_LOGGED === 0) await world.forgetLog();
  const draft = carryOut(plan, samples, world);
  const started = performance.now();
  const answer = await send(draft, world);
  const url = asRouted(draft.url);
  tally.add(draft.method, url, answer.status, performance.now() - started);
  const faults = faultsOf(draft.method, url, answer);
  if (faults.length > 0) throw new Error(report(draft, answer, faults));
  world.learn(draft, answer.body);
}

async function send({ method, url, headers, bytes }: Draft, { service }: World): Promise<FuzzAnswer> {
  const sent = inject(service.app, {
    method: method as 'GET',
    url,
    headers,
    ...(bytes !== undefined && { payload: bytes }),
  });
  const response = await withDeadline(sent);
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: isStream(response.headers) ? response.body : parse(response.body),
  };
}

function withDeadline<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer for ${SILENCE_MAX_MS} ms`)), SILENCE_MAX_MS);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function report(draft: Draft, { status, headers, text }: FuzzAnswer, faults: readonly string[]): string {
  return [
    `The answer has ${faults.join('; ')}`,
    `request: ${describeRequest(draft)}`,
    `answer: ${status} ${JSON.stringify(headers)}`,
    text.slice(0, 2_000),
  ].join('\n');
}
