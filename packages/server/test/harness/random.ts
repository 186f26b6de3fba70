export { Random } from '../../src/domain/demo/random.ts';

/** The seed of a run: from the environment to repeat one, else a fresh one. Prints how to repeat the run. */
export function seedFrom(variable: string): number {
  const seed = Number(process.env[variable] ?? Date.now() % 2 ** 32);
  process.stdout.write(`${variable}=${seed} repeats what follows\n`);
  return seed;
}
