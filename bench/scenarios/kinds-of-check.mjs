/** The effect of limits, a body, permissions and batches on throughput. */

import { PERMISSIONS } from '../data/template.mjs';
import { drawTokens } from '../data/tokens.mjs';
import { verifyManyRequest, verifyRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleaveUntilNarrow, ratios } from './rounds.mjs';

const KEYS = 1_000;
const BATCH = 100;
const BATCHES = 300;
const permissions = PERMISSIONS.slice(0, 1);

/** The rows, and what they compare with `check`. */
const KINDS = {
  'check:unlimited': { what: 'check of keys without limits against with both' },
  'check:verify': { what: 'verify, with a permission, against check' },
  'check:verify-many': {
    what: `verify-many of ${BATCH}, verifications, against check`,
    target: /** @type {import('../report/rows.mjs').Target} */ ({ floor: 5, aim: 10, better: 'higher' }),
  },
};

/** @type {import('./all.mjs').Scenario} */
export const kindsOfCheck = {
  name: 'kinds of check',
  rows: Object.keys(KINDS),
  async run({ ratioRounds, seconds, draws, wants }, open) {
    const limited = await open.service({ count: KEYS, draws });
    const unlimited = await open.service({ count: KEYS, draws, kind: 'unlimited' });
    const verify = { url: limited.url, requestsFile: writeRequests(verifications(limited)) };
    const many = { url: limited.url, requestsFile: writeRequests(batches(limited.prepared)) };
    const kinds = [
      { name: 'check:unlimited', measure: () => saturate(unlimited, seconds) },
      { name: 'check:verify', measure: () => saturate(verify, seconds) },
      { name: 'check:verify-many', measure: async () => BATCH * (await saturate(many, seconds)) },
    ].filter(({ name }) => wants(name));
    const trials = [{ name: 'check', measure: () => saturate(limited, seconds) }, ...kinds];
    const samples = await interleaveUntilNarrow('kinds of check', trials, ratioRounds);
    return { rows: kinds.map(({ name }) => rowOf(/** @type {keyof typeof KINDS} */ (name), samples)) };
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

/** @param {keyof typeof KINDS} name @param {import('./rounds.mjs').Samples} samples @returns {import('../report/rows.mjs').Row} */
function rowOf(name, { check, [name]: kind }) {
  return {
    scenario: 'kinds of check',
    unit: 'ratio',
    ...KINDS[name],
    samples: ratios(kind, check),
    detail: `${perSecond(kind)} : ${perSecond(check)}`,
  };
}
