import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const CLIENT = fileURLToPath(new URL('../../../sdk/src/index.ts', import.meta.url));

/** The client as a script for browsers, which sets the global `latchkeySdk`. Throws if the client imports a module of Node. */
export async function browserClient(): Promise<string> {
  const bundle = await rolldown({
    input: CLIENT,
    platform: 'browser',
    resolve: { conditionNames: ['source', 'browser', 'default'] },
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'latchkeySdk' });
  await bundle.close();
  return output[0].code;
}
