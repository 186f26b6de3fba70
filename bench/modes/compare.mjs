/**
 * Runs the scenarios one after the other and reports what they found. It promises that a scenario which fails costs its
 * own rows alone: what the others found is printed and written all the same.
 */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../command-line.mjs';
import { stopAll } from '../machine/processes.mjs';
import { tell } from '../machine/progress.mjs';
import { circumstances } from '../report/machine.mjs';
import { publish } from '../report/publish.mjs';
import { failedRow } from '../report/rows.mjs';
import { asText } from '../report/table.mjs';
import { scenarios } from '../scenarios/all.mjs';
import { Open } from '../scenarios/open.mjs';
import { settingsFor } from '../settings.mjs';

/**
 * @typedef {object} Report
 * @property {import('../report/machine.mjs').Circumstances} circumstances
 * @property {import('../report/rows.mjs').Row[]} rows
 * @property {import('../report/plot.mjs').Drawing[]} drawings
 * @property {{ scenario: string, seconds: number }[]} durations
 */
/** @typedef {import('../scenarios/all.mjs').Scenario} Scenario */

/**
 * @param {import('../settings.mjs').Wish & {
 *   only?: readonly string[] | undefined,
 *   json?: string,
 *   publish: boolean,
 * }} options `only` names scenarios and rows; left out: all
 */
export async function compare({ only, json, publish: isPublic, ...wish }) {
  const chosen = choose(only);
  const settings = { ...settingsFor(wish), wants: wants(only) };
  /** @type {Report} */
  const report = { circumstances: circumstances(settings.seconds), rows: [], drawings: [], durations: [] };
  const open = new Open();
  try {
    for (const scenario of chosen) {
      await add(report, scenario, settings, open);
      if (json !== undefined) writeFileSync(json, JSON.stringify(report, null, 2));
    }
    print(report);
  } finally {
    await open.close();
  }
  const failed = report.rows.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0 && isPublic) publish(report.rows, report.drawings, report.circumstances);
  if (failed.length > 0) complain(failed, isPublic);
}

/**
 * @param {Report} report
 * @param {Scenario} scenario
 * @param {import('../scenarios/all.mjs').Settings} settings
 * @param {Open} open
 */
async function add(report, scenario, settings, open) {
  const startedAt = performance.now();
  try {
    const { rows, drawing } = await scenario.run(settings, open);
    report.rows.push(...rows);
    if (drawing) report.drawings.push(drawing);
  } catch (error) {
    tell(`${scenario.name} failed`);
    console.error(error);
    report.rows.push(failedRow(scenario.name, error));
    // The server may be what failed, and load may still be running: the next scenario starts new processes.
    await stopAll();
    await open.close();
  }
  report.durations.push({ scenario: scenario.name, seconds: (performance.now() - startedAt) / 1_000 });
}

/** @param {Report} report */
function print({ rows, circumstances: { facts, leftOut }, durations }) {
  const took = durations.map(({ scenario, seconds }) => `${seconds.toFixed(0).padStart(5)} s  ${scenario}`);
  console.log([asText(rows), '', ...facts, ...leftOut, '', 'took', ...took].join('\n'));
}

/** @param {readonly import('../report/rows.mjs').Row[]} failed @param {boolean} isPublic */
function complain(failed, isPublic) {
  const names = failed.map(({ scenario }) => scenario).join(', ');
  console.error(`Failed: ${names}${isPublic ? '; nothing is published' : ''}`);
  process.exitCode = 1;
}

/** @param {readonly string[] | undefined} only @returns {readonly Scenario[]} */
function choose(only) {
  if (only === undefined) return scenarios;
  const unknown = only.filter((wanted) => !scenarios.some((scenario) => namesOf(scenario).includes(wanted)));
  if (unknown.length === 0) return scenarios.filter((scenario) => hasAny(only, namesOf(scenario)));
  const known = scenarios.flatMap(namesOf).join(', ');
  throw new UsageError(`No scenario or row ${unknown.join(', ')}; there are ${known}`);
}

/**
 * A row is wanted if it is named, or its scenario.
 * @param {readonly string[] | undefined} only @returns {(row: string) => boolean}
 */
function wants(only) {
  if (only === undefined) return () => true;
  const rows = scenarios.flatMap(({ name, rows: all = [] }) => (only.includes(name) ? all : []));
  return (row) => only.includes(row) || rows.includes(row);
}

/** @param {Scenario} scenario */
const namesOf = ({ name, rows = [] }) => [name, ...rows];

/** @param {readonly string[]} some @param {readonly string[]} others */
const hasAny = (some, others) => some.some((one) => others.includes(one));
