/** Latency under an open load, at fractions of the maximum throughput of each server. */
import { median } from '../report/statistics.mjs';
import { offer } from './offer.mjs';
import { interleave } from './rounds.mjs';

/** The share of the table; the drawing has them all. */
const MODERATE = 0.5;

/** @type {import('./all.mjs').Scenario} */
export const latency = {
  name: 'latency',
  async run({ fewRounds, latencySeconds, loads, loadsOfSlow, draws }, open) {
    const rows = [];
    const lines = [];
    const servers = Object.entries(await open.contenders(draws)).map(
      ([name, target]) => new Server(name, target, target.isSlow ? loadsOfSlow : loads, latencySeconds),
    );
    const trials = servers.map((server) => ({ name: server.name, measure: () => server.measureAll() }));
    await interleave('latency', trials, fewRounds);
    for (const server of servers) {
      rows.push(...server.rows());
      lines.push(server.line());
    }
    return { rows, drawing: drawingOf(lines) };
  },
};

/** A server, and what was seen of it at each load. */
class Server {
  name;
  #target;
  #loads;
  #seconds;
  /** Results at each share of the load. @type {Map<number, import('../load/generator.program.mjs').StreamResult[]>} */
  #seen = new Map();

  /**
   * @param {string} name
   * @param {import('../load/saturate.mjs').Target} target
   * @param {readonly number[]} loads
   * @param {number} seconds
   */
  constructor(name, target, loads, seconds) {
    this.name = name;
    this.#target = target;
    this.#loads = loads;
    this.#seconds = seconds;
  }

  /** @returns {Promise<number>} what it can do at most */
  async measureAll() {
    // The maximum is measured with the same generator: another generator would reach another maximum.
    const most = (await offer(this.#target, null, this.#seconds / 2)).perSecond;
    for (const load of this.#loads) {
      const result = await offer(this.#target, most * load, this.#seconds);
      if (result.answers > 0) this.#seen.set(load, [...(this.#seen.get(load) ?? []), result]);
    }
    return most;
  }

  /** @returns {import('../report/rows.mjs').Row[]} */
  rows() {
    const results = this.#seen.get(MODERATE) ?? [];
    if (results.length === 0) return [];
    const rate = median(results.map(({ perSecond }) => perSecond));
    const p50 = median(results.map(({ latencyMs }) => latencyMs.p50));
    return [
      {
        scenario: 'latency',
        what: `p99 at half of the most it can do: ${this.name}`,
        unit: 'milliseconds',
        samples: results.map(({ latencyMs }) => latencyMs.p99),
        detail: `at ${Math.round(rate).toLocaleString('en')}/s; p50 ${p50.toFixed(2)} ms`,
      },
    ];
  }

  /** @returns {import('../report/plot.mjs').Line} */
  line() {
    const points = [...this.#seen.values()].map((results) => ({
      x: median(results.map(({ perSecond }) => perSecond)),
      y: median(results.map(({ latencyMs }) => latencyMs.p99)),
    }));
    return { name: this.name, points };
  }
}

/** @param {import('../report/plot.mjs').Line[]} lines @returns {import('../report/plot.mjs').Drawing} */
function drawingOf(lines) {
  return {
    file: 'latency-by-load.svg',
    title: 'p99 latency by load, one core, open load',
    x: { label: 'checks a second', isLogarithmic: true },
    y: { label: 'p99 in ms', isLogarithmic: true },
    lines,
  };
}
