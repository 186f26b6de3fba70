/** Throughput of checks while keys are created and revoked at a steady rate. */

import { startMutations } from '../load/mutate.mjs';
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleaveUntilNarrow, ratios } from './rounds.mjs';

const CHANGES_PER_SECOND = 200;

/** @type {import('./all.mjs').Scenario} */
export const duringChanges = {
  name: 'during changes',
  async run({ ratioRounds, seconds, most, draws }, open) {
    const service = await open.service({ count: most, draws });
    /** @type {number[]} */
    const achieved = [];
    const measureBusy = async () => {
      const mutations = await startMutations(service, CHANGES_PER_SECOND);
      try {
        return await saturate(service, seconds);
      } finally {
        achieved.push(await mutations.stop());
      }
    };
    const trials = [
      { name: 'idle', measure: () => saturate(service, seconds) },
      { name: 'busy', measure: measureBusy },
    ];
    const { idle, busy } = await interleaveUntilNarrow('during changes', trials, ratioRounds);
    return { rows: [rowOf(idle, busy, achieved)] };
  },
};

/**
 * @param {number[] | undefined} idle
 * @param {number[] | undefined} busy
 * @param {readonly number[]} achieved pairs of changes a second
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(idle, busy, achieved) {
  return {
    scenario: 'during changes',
    what: `check while ${CHANGES_PER_SECOND} keys a second are created and revoked, against idle`,
    unit: 'ratio',
    samples: ratios(busy, idle),
    target: { floor: 0.9, aim: 0.97, better: 'higher' },
    detail: `${perSecond(busy)} : ${perSecond(idle)}; ${perSecond(achieved)} created and revoked`,
  };
}
