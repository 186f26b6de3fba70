/** The effect of limits, a body, permissions and batches on throughput. */

import { PERMISSIONS } from '../data/template.mjs';
import { drawTokens } from '../data/tokens.mjs';
import { verifyManyRequest, verifyRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleave, ratios } from './rounds.mjs';

const KEYS = 1_000;
const BATCH = 100;
const BATCHES = 300;
const permissions = PERMISSIONS.slice(0, 1);

/** @type {import('./all.mjs').Scenario} */
export const kindsOfCheck = {
  name: 'kinds of check',
  async run({ rounds, seconds, draws }, open) {
    const limited = await open.service({ count: KEYS, draws });
    const unlimited = await open.service({ count: KEYS, draws, kind: 'unlimited' });
    const verify = { url: limited.url, requestsFile: writeRequests(verifications(limited)) };
    const many = { url: limited.url, requestsFile: writeRequests(batches(limited.prepared)) };
    const trials = [
      { name: 'check', measure: () => saturate(limited, seconds) },
      { name: 'unlimited', measure: () => saturate(unlimited, seconds) },
      { name: 'verify', measure: () => saturate(verify, seconds) },
      { name: 'many', measure: async () => BATCH * (await saturate(many, seconds)) },
    ];
    return { rows: rowsOf(await interleave('kinds of check', trials, rounds)) };
  },
};

/** @param {{ tokens: readonly string[], prepared: import('../data/database.mjs').Prepared }} service */
function verifications({ tokens, prepared }) {
  return tokens.map((key) => verifyRequest(prepared.ownerKey, { key, permissions }));
}

/** @param {import('../data/database.mjs').Prepared} prepared */
function batches(prepared) {
  const checks = drawTokens(prepared, BATCH * BATCHES).map((key) => ({ key, permissions }));
  return Array.from({ length: BATCHES }, (_, index) =>
    verifyManyRequest(prepared.ownerKey, checks.slice(index * BATCH, (index + 1) * BATCH)),
  );
}

/** @param {import('./rounds.mjs').Samples} samples @returns {import('../report/rows.mjs').Row[]} */
function rowsOf({ check, unlimited, verify, many }) {
  const base = { scenario: 'kinds of check', unit: /** @type {const} */ ('ratio') };
  const detail = (/** @type {number[] | undefined} */ kind) => `${perSecond(kind)} : ${perSecond(check)}`;
  return [
    {
      ...base,
      what: 'check of keys without limits against with both',
      samples: ratios(unlimited, check),
      detail: detail(unlimited),
    },
    {
      ...base,
      what: 'verify, with a permission, against check',
      samples: ratios(verify, check),
      detail: detail(verify),
    },
    {
      ...base,
      what: `verify-many of ${BATCH}, verifications, against check`,
      samples: ratios(many, check),
      target: { floor: 5, aim: 10, better: 'higher' },
      detail: detail(many),
    },
  ];
}
