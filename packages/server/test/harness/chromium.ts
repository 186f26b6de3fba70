import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** Options to run Chromium as root, without a display and without background requests. None relaxes page security. */
const FLAGS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * A headless Chromium: the one that CHROMIUM_PATH names, else one that is installed, else the one that comes with the
 * development dependencies (Linux, x64). Close it at the end of the test.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH || installedChromium();
  const found = executablePath ? { executablePath } : await packedChromium();
  return chromium.launch({ ...found, args: FLAGS, headless: true });
}

function installedChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `npm ci` clears it away, so it is never of another version. */
const UNPACKED = fileURLToPath(new URL('../../../../node_modules/.cache/latchkey-chromium', import.meta.url));

const UNPACK = fileURLToPath(new URL('unpack-chromium.program.mjs', import.meta.url));

/** Replaces the package's fonts.conf, which has the font path of cloud functions: without any font, pages crash. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${UNPACKED}/fonts/fonts</dir><cachedir>${UNPACKED}/fonts-cache</cachedir></fontconfig>
`;

/** The Chromium of the npm package, and the libraries that a bare machine lacks, unpacked at the first need. */
async function packedChromium() {
  if (!existsSync(UNPACKED)) await unpack();
  const env = { LD_LIBRARY_PATH: `${UNPACKED}/al2023/lib`, FONTCONFIG_PATH: `${UNPACKED}/fonts` };
  return { executablePath: path.join(UNPACKED, 'chromium'), env: { ...process.env, ...env } };
}

/**
 * Unpacks into a temporary folder and renames it atomically, because other tests may do the same concurrently. In a process of
 * its own, because the package unpacks into TMPDIR, which other tests of this process use.
 */
async function unpack(): Promise<void> {
  mkdirSync(path.dirname(UNPACKED), { recursive: true });
  const folder = mkdtempSync(`${UNPACKED}-`);
  // The package unpacks its libraries only in the environment of AWS Lambda.
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'nodejs20.x' };
  try {
    await promisify(execFile)(process.execPath, [UNPACK], { env });
    writeFileSync(path.join(folder, 'fonts', 'fonts.conf'), FONTS);
    settle(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settle(folder: string): void {
  try {
    renameSync(folder, UNPACKED);
  } catch (error) {
    // Another test was quicker.
    if (!existsSync(UNPACKED)) throw error;
  }
}
