/** The number of rounds, keys and seconds of the comparison. */

/** @typedef {{ quick: boolean, rounds?: number | undefined, 'ten-million': boolean }} Wish */

/** @param {Wish} wish @returns {Omit<import('./scenarios/all.mjs').Settings, 'wants'>} */
export function settingsFor({ quick, rounds, 'ten-million': withTenMillion }) {
  if (quick)
    return {
      rounds: rounds ?? 2,
      ratioRounds: { least: rounds ?? 2, most: rounds ?? 6 },
      fewRounds: 1,
      seconds: 0.3,
      longSeconds: 1,
      latencySeconds: 0.3,
      draws: 4_096,
      most: 10_000,
      counts: [1_000, 10_000],
      loads: [0.5, 0.75],
      loadsOfSlow: [0.5],
    };
  return {
    rounds: rounds ?? 5,
    ratioRounds: { least: rounds ?? 6, most: rounds ?? 20 },
    fewRounds: Math.min(rounds ?? 3, 3),
    seconds: 3,
    longSeconds: 40,
    latencySeconds: 2,
    draws: 65_536,
    most: 1_000_000,
    counts: [1_000, 10_000, 100_000, 1_000_000, ...(withTenMillion ? [10_000_000] : [])],
    loads: [0.25, 0.5, 0.75, 0.9],
    loadsOfSlow: [0.5, 0.75],
  };
}
