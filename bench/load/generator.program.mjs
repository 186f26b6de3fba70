/**
 * Generates load, as a separate process. Streams run concurrently, each with its own connections:
 *
 * - with a rate, an open load: requests become due at random instants (a Poisson process), whatever the server does, and
 *   latency is measured from the instant a request was due. So a stall counts for every request that became due during
 *   it, which avoids coordinated omission.
 * - without a rate, a closed load: each connection sends its next request as soon as it has its response. These latencies
 *   hide stalls, so only the throughput is meaningful.
 *
 * Takes one argument, a plan as JSON, and prints one line of JSON: a result for each stream.
 */
import { readFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { randomOf } from '../data/zipf.mjs';
import { Connection } from './connection.mjs';
import { parseRequests } from './requests-file.mjs';

/**
 * @typedef {object} StreamPlan
 * @property {string} requestsFile
 * @property {number} connections
 * @property {number | null} rate requests a second; null: as many as there can be
 * @property {boolean} [allowErrors] responses with a status of 400 or above do not fail the run
 * @property {boolean} [once] sends each request of the file once and takes the time that needs
 */
/** @typedef {{ host: string, port: number, warmUpMs: number, durationMs: number, streams: StreamPlan[] }} Plan */
/**
 * @typedef {object} StreamResult
 * @property {number} perSecond answers a second
 * @property {number} answers
 * @property {number} errors responses with a status of 400 or above
 * @property {number} unanswered requests that were due and had no answer at the end
 * @property {{ p50: number, p90: number, p99: number, p999: number, max: number }} latencyMs
 */

const NS_PER_MS = 1e6;

/** How much longer a closed stream may take than planned. */
const PATIENCE_NS = 20_000 * NS_PER_MS;

class Stream {
  #plan;
  #requests;
  /** @type {Connection[]} */
  #idle = [];
  /** When the requests that wait for a connection were due. @type {number[]} */
  #due = [];
  #dueHead = 0;
  /** When the request that each connection waits for was due. @type {Map<Connection, number>} */
  #underWay = new Map();
  #next = 0;
  #nextDue;
  #random;
  #measureFrom;
  #until;
  #answers = 0;
  #errors = 0;
  #histogram = createHistogram({ lowest: 1, highest: 600_000 * NS_PER_MS, figures: 3 });

  /** @param {Plan} plan @param {StreamPlan} stream @param {number} index @param {number} startNs */
  constructor({ host, port, warmUpMs, durationMs }, stream, index, startNs) {
    this.#plan = stream;
    this.#requests = parseRequests(readFileSync(stream.requestsFile, 'latin1'));
    this.#random = randomOf(index + 1);
    this.#nextDue = startNs;
    this.#measureFrom = startNs + warmUpMs * NS_PER_MS;
    this.#until = this.#measureFrom + durationMs * NS_PER_MS;
    for (let number = 0; number < stream.connections; number += 1)
      this.#idle.push(new Connection(host, port, fail));
  }

  /** Sends what is due. */
  advance(/** @type {number} */ now) {
    const { rate } = this.#plan;
    if (rate === null) {
      while (this.#idle.length > 0 && !this.#isSpent()) this.#send(now);
      return;
    }
    while (this.#nextDue <= now && this.#nextDue < this.#until) {
      this.#due.push(this.#nextDue);
      this.#nextDue += (-Math.log(1 - this.#random()) / rate) * 1e9;
    }
    while (this.#idle.length > 0 && this.#dueHead < this.#due.length) this.#send(this.#takeDue());
  }

  #isSpent() {
    return this.#plan.once === true && this.#next >= this.#requests.length;
  }

  #takeDue() {
    const due = Number(this.#due[this.#dueHead++]);
    if (this.#dueHead > 10_000) {
      this.#due.splice(0, this.#dueHead);
      this.#dueHead = 0;
    }
    return due;
  }

  /** @param {number} due */
  #send(due) {
    const connection = /** @type {Connection} */ (this.#idle.shift());
    const request = this.#requests[this.#next++ % this.#requests.length] ?? '';
    this.#underWay.set(connection, due);
    connection.send(request, (status) => {
      this.#underWay.delete(connection);
      this.#count(status, due);
      this.#idle.push(connection);
    });
  }

  /** @param {number} status @param {number} due */
  #count(status, due) {
    const now = nowNs();
    if (now < this.#measureFrom) return;
    this.#answers += 1;
    if (status >= 400) this.#errors += 1;
    this.#charge(due, now);
  }

  /** @param {number} due @param {number} now */
  #charge(due, now) {
    this.#histogram.record(Math.max(1, Math.round(now - due)));
  }

  /** Is there enough to judge by? A slow server gets the time until each connection was answered once. */
  isSeen() {
    const { once, rate, connections } = this.#plan;
    if (once) return this.#answers >= this.#requests.length;
    return rate !== null || this.#answers >= connections;
  }

  get isPatient() {
    return this.#plan.once === true;
  }

  /** @param {number} now @returns {StreamResult} */
  result(now) {
    // Requests that are still unanswered count with the time they have waited so far: leaving them out would flatter a
    // server that is too slow.
    const waiting = [...this.#underWay.values(), ...this.#due.slice(this.#dueHead)];
    if (this.#plan.rate !== null) for (const due of waiting) this.#charge(due, now);
    const at = (/** @type {number} */ percentile) => this.#histogram.percentile(percentile) / NS_PER_MS;
    return {
      perSecond: (this.#answers / (now - this.#measureFrom)) * 1e9,
      answers: this.#answers,
      errors: this.#errors,
      unanswered: waiting.length,
      latencyMs: {
        p50: at(50),
        p90: at(90),
        p99: at(99),
        p999: at(99.9),
        max: this.#histogram.max / NS_PER_MS,
      },
    };
  }
}

const nowNs = () => performance.now() * NS_PER_MS;

/** @param {Error} error @returns {never} */
function fail(error) {
  console.error(error.message);
  process.exit(1);
}

/**
 * Polls the clock in a busy loop: a timer can fire a millisecond late, and that delay would be charged to the server.
 * @param {Plan} plan
 */
function run(plan) {
  const startNs = nowNs();
  const streams = plan.streams.map((stream, index) => new Stream(plan, stream, index, startNs));
  const endNs = startNs + (plan.warmUpMs + plan.durationMs) * NS_PER_MS;
  const turn = () => {
    const now = nowNs();
    const isLate = now > endNs + PATIENCE_NS && !streams.some((stream) => stream.isPatient);
    if (now > endNs && (isLate || streams.every((stream) => stream.isSeen()))) return end(streams, now);
    for (const stream of streams) stream.advance(now);
    setImmediate(turn);
  };
  turn();
}

/** @param {Stream[]} streams @param {number} now */
function end(streams, now) {
  console.log(JSON.stringify(streams.map((stream) => stream.result(now))));
  process.exit(0);
}

run(JSON.parse(process.argv[2] ?? ''));
