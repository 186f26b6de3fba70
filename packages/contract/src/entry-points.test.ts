import path from 'node:path';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

const SOURCES = import.meta.dirname;
const BROWSER_ENTRY = path.join(SOURCES, 'a-program-in-a-browser.ts');
/** The bundler's own helper for modules in the format of CommonJS. */
const RUNTIME = 'runtime.js';

/** A minified bundle for browsers of a program that consists of this line: its size, and the modules in it. */
async function bundleOf(line: string): Promise<{ bytes: number; modules: string[] }> {
  const bundle = await rolldown({
    input: BROWSER_ENTRY,
    platform: 'browser',
    resolve: { conditionNames: ['source', 'browser', 'default'] },
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === BROWSER_ENTRY ? id : null),
        load: (id) => (id === BROWSER_ENTRY ? line : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.entries(file.modules) : []));
  const used = modules.filter(([id, { renderedLength }]) => id !== BROWSER_ENTRY && renderedLength > 0);
  return {
    bytes: output.reduce((sum, file) => sum + (file.type === 'chunk' ? Buffer.byteLength(file.code) : 0), 0),
    modules: used.map(([id]) => path.basename(id)).sort(),
  };
}

test.each([
  {
    program: 'that imports contract/decision',
    line: "export * from '@latchkey/contract/decision';",
    modules: ['decision.ts', 'verdicts.ts'],
    bytesMax: 3_000,
  },
  {
    program: 'that imports contract/key-format',
    line: "export * from '@latchkey/contract/key-format';",
    modules: ['crc32.js', 'key-format.ts', RUNTIME],
    bytesMax: 5_000,
  },
  {
    program: 'that imports two functions of the whole contract',
    line: "export { decide, isKeyText } from '@latchkey/contract';",
    modules: ['crc32.js', 'decision.ts', 'key-format.ts', RUNTIME, 'verdicts.ts'],
    bytesMax: 7_000,
  },
])(
  'the browser bundle of a program $program is small and contains no schema',
  async ({ line, modules, bytesMax }) => {
    const bundle = await bundleOf(line);
    expect(bundle.modules).toEqual(modules);
    expect(bundle.bytes).toBeLessThan(bytesMax);
  },
);
