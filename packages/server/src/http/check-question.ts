import { type Catalogue, checkApiKey, type QueryOf, querySchemaOf } from '@latchkey/contract';
import { parsePermissions } from '../domain/verification/parse-permissions.ts';
import type { VerifyInput } from '../domain/verification/verifier.ts';
import { lazyValidator } from './pipeline/validation.ts';

/** The permissions and cost that a check asks about. */
export type CheckQuestion = Omit<VerifyInput, 'keyText'>;

type CheckQuery = QueryOf<typeof checkApiKey>;

/** Cached queries: a gateway repeats a small number of them. */
const CACHED_MAX = 256;
const QUERY_LENGTH_MAX = 512;

/** The question in a valid query. Throws VALIDATION_FAILED for a permission that is not in the catalogue. */
export function readQuestion({ permissions, cost = 1 }: CheckQuery, catalogue: Catalogue): CheckQuestion {
  return { workspaceId: null, permissions: parsePermissions(permissions, catalogue), cost };
}

/**
 * Reads the question from the query of a check on the fast path. Null if the framework has to answer: a long
 * query, a repeated parameter, a named workspace, and every query that is answered with 400.
 */
export function questionReader(catalogue: Catalogue): (query: string) => CheckQuestion | null {
  const validate = lazyValidator(querySchemaOf(checkApiKey), 'querystring');
  const cached = new Map<string, CheckQuestion>();
  const read = (query: string): CheckQuestion | null => {
    const parameters = new URLSearchParams(query);
    const named: CheckQuery = Object.fromEntries(parameters);
    const isPlain = parameters.size === Object.keys(named).length && named.workspaceId === undefined;
    return isPlain && validate(named) === null ? readQuestion(named, catalogue) : null;
  };
  return (query) => {
    if (query.length > QUERY_LENGTH_MAX) return null;
    const known = cached.get(query);
    if (known) return known;
    const question = attempt(() => read(query));
    if (question && cached.size >= CACHED_MAX) cached.clear();
    if (question) cached.set(query, question);
    return question;
  };
}

function attempt(read: () => CheckQuestion | null): CheckQuestion | null {
  try {
    return read();
  } catch {
    return null;
  }
}
