/**
 * Makes a package ready to be packed, in a clean clone too: npm runs it in the folder of the package. It promises that the
 * package is built from the present sources, and that the licence is in its folder.
 *
 *   node ../../scripts/prepack.mjs
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

const prepare = path.join(root, 'scripts', 'prepare.mjs');
const { status } = spawnSync(process.execPath, [prepare], { stdio: ['ignore', 'inherit', 'inherit'] });
copyFileSync(path.join(root, 'LICENSE'), path.join(process.cwd(), 'LICENSE'));
process.exitCode = status ?? 1;
