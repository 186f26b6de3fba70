import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Engine } from './engine.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';

const ENGINES: readonly Engine[] = [sqlite, postgres];

/** The engine for a database URL. Throws an OperatorError with the supported schemes. */
export function engineFor(url: string): Engine {
  const scheme = url.slice(0, url.indexOf(':'));
  const engine = ENGINES.find(({ schemes }) => schemes.includes(scheme));
  if (engine) return engine;
  const supported = ENGINES.flatMap(({ schemes }) => schemes.map((name) => `${name}:`)).join(', ');
  throw new OperatorError(
    `DATABASE_URL has the scheme "${scheme}:"; this version of Latchkey opens ${supported}`,
  );
}
