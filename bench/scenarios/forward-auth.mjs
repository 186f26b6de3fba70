/**
 * Throughput of an API behind nginx that asks Latchkey about each request, against the same nginx that asks an empty answer,
 * and against one that does not ask. All processes of servers share one core, so the time of a request is the sum of the
 * times of its parts.
 */
import { hasNginx } from '../contenders/nginx.mjs';
import { forwardAuthRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleave, ratios } from './rounds.mjs';

const KEYS = 1_000;

/** @type {import('./all.mjs').Scenario} */
export const forwardAuth = {
  name: 'forward auth',
  async run({ rounds, seconds, draws }, open) {
    if (!hasNginx) return { rows: [] };
    const service = await open.service({ count: KEYS, draws });
    const { url, tokens, requestsFile, prepared } = service;
    const { asking, empty, alone } = await open.gateways(service);
    const calls = writeRequests(tokens.map((token) => forwardAuthRequest(prepared.ownerKey, token)));
    const trials = [
      { name: 'asking', measure: () => saturate({ url: asking.url, requestsFile }, seconds) },
      { name: 'empty', measure: () => saturate({ url: empty.url, requestsFile }, seconds) },
      { name: 'alone', measure: () => saturate({ url: alone.url, requestsFile }, seconds) },
      { name: 'direct', measure: () => saturate({ url, requestsFile: calls }, seconds) },
      { name: 'check', measure: () => saturate(service, seconds) },
    ];
    return { rows: rowsOf(await interleave('forward auth', trials, rounds)) };
  },
};

/** @param {import('./rounds.mjs').Samples} samples @returns {import('../report/rows.mjs').Row[]} */
function rowsOf({ asking, empty, alone, direct, check }) {
  const base = { scenario: 'forward auth', unit: /** @type {const} */ ('ratio') };
  return [
    {
      ...base,
      what: 'API behind nginx with auth_request against the same without',
      samples: ratios(asking, alone),
      detail: `${perSecond(asking)} : ${perSecond(alone)}`,
    },
    {
      ...base,
      what: 'API behind nginx with auth_request of an empty answer against the same without',
      samples: ratios(empty, alone),
      detail: `${perSecond(empty)} : ${perSecond(alone)}`,
    },
    {
      ...base,
      what: 'part of Latchkey in the time of a request through nginx',
      samples: ratios(asking, empty).map((ratio) => 1 - ratio),
      detail: `${perSecond(asking)} : ${perSecond(empty)} with an empty answer`,
    },
    {
      ...base,
      what: 'forward auth without nginx against check',
      samples: ratios(direct, check),
      detail: `${perSecond(direct)} : ${perSecond(check)}`,
    },
  ];
}
