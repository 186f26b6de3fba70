/** Runs the scenarios one after the other and gathers what they found. */
import { circumstances as circumstancesNow } from '../report/machine.mjs';
import { scenarios } from '../scenarios/all.mjs';
import { Open } from '../scenarios/open.mjs';

/**
 * @param {import('../scenarios/all.mjs').Settings} settings
 * @param {readonly string[] | undefined} only names of scenarios; left out: all
 */
export async function compare(settings, only) {
  const circumstances = circumstancesNow(settings.seconds);
  const open = new Open();
  const rows = [];
  const drawings = [];
  try {
    for (const scenario of chosen(only)) {
      const { rows: found, drawing } = await scenario.run(settings, open);
      rows.push(...found);
      if (drawing) drawings.push(drawing);
    }
  } finally {
    await open.close();
  }
  return { circumstances, rows, drawings };
}

/** @param {readonly string[] | undefined} only */
function chosen(only) {
  if (only === undefined) return scenarios;
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length === 0) return scenarios.filter(({ name }) => only.includes(name));
  const known = scenarios.map(({ name }) => name).join(', ');
  throw new Error(`No scenario ${unknown.join(', ')}; there are ${known}`);
}
