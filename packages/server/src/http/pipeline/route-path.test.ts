import { exportLogs } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { routePathOf } from './router.ts';

const { path } = exportLogs;

test.each([
  path,
  `${path}?workspaceId=ws_1`,
  `${path}#part`,
  path.replace('export', '%65xport'),
  path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  `http://latchkey.test${path.replace('logs', 'l%6Fgs')}?x=1`,
])('%s leads to the route of exports', (target) => expect(routePathOf(target)).toBe(path));

test.each([
  ['an encoded slash, which the router leaves alone', path.replace('/logs', '%2Flogs')],
  ['two encodings', path.replace('export', '%2565xport')],
  ['a broken encoding', `${path}%`],
])('%s leads elsewhere', (_, target) => expect(routePathOf(target)).not.toBe(path));
