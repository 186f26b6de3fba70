/**
 * Writes the icons of the dashboard from the package @tabler/icons-react, which is large, so that a start needs not install it.
 *
 *   node scripts/icons.mjs           writes packages/dashboard/src/ui/icons.ts and the licence beside it
 *   node scripts/icons.mjs --check   fails if the files differ from what it would write
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleFile, root } from './run.mjs';

/** The names of the icons, without their prefix `Icon`. */
const NAMES = [
  'Activity',
  'AdjustmentsHorizontal',
  'AlertTriangle',
  'ArrowDown',
  'ArrowLeft',
  'ArrowUp',
  'Ban',
  'ChartBar',
  'Check',
  'ChevronDown',
  'ChevronRight',
  'CircleCheck',
  'Clock',
  'ClockExclamation',
  'ClockX',
  'Copy',
  'CornerDownRight',
  'DeviceDesktop',
  'Dots',
  'Download',
  'EyeOff',
  'Gauge',
  'History',
  'InfoCircle',
  'Key',
  'Lock',
  'Logout',
  'Menu2',
  'MoonStars',
  'Pencil',
  'PlayerPause',
  'PlayerPlay',
  'Plus',
  'Refresh',
  'Search',
  'Selector',
  'ServerCog',
  'Settings',
  'ShieldLock',
  'Terminal2',
  'User',
  'UserPlus',
  'Users',
  'X',
  'ZoomQuestion',
];

const packageFolder = moduleFile('@tabler/icons-react');
const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
const folder = path.join(root, 'packages', 'dashboard', 'src', 'ui');

const lines = [
  `// Written by scripts/icons.mjs from @tabler/icons-react ${version}; the licence is in icons.licence.txt.`,
  "import { icon } from './icon.tsx';",
  '',
];
for (const name of NAMES) {
  const file = path.join(packageFolder, 'dist', 'esm', 'icons', `Icon${name}.mjs`);
  const { __iconNode: node } = await import(pathToFileURL(file).href);
  lines.push(`export const Icon${name} = icon(${JSON.stringify(node)});`);
}

const files = {
  'icons.ts': `${lines.join('\n')}\n`,
  'icons.licence.txt': readFileSync(path.join(packageFolder, 'LICENSE'), 'utf8'),
};
for (const [name, text] of Object.entries(files)) {
  const file = path.join(folder, name);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${path.relative(root, file)} differs. Run: node scripts/icons.mjs\n`);
    process.exitCode = 1;
  }
}
