import {
  type Catalogue,
  FORWARD_AUTH_PATH,
  ForwardAuthQuery,
  type ForwardAuthQueryBody,
} from '@latchkey/contract';
import { invalid } from '../../domain/shared/app-error.ts';
import { type CheckQuestion, readQuestion } from '../pipeline/fast-check.ts';
import { lazyValidator } from '../pipeline/validation.ts';

/** The query of a call for forward auth, which the configuration of the gateway contains. */
export interface GatewaySettings {
  /** What the request needs; null: the route map decides. */
  readonly question: Pick<CheckQuestion, 'permissions' | 'cost'> | null;
  /** Send a signed identity with a success. */
  readonly sendsToken: boolean;
  /** Deny with 401 or 403 only, whatever the error is. */
  readonly onlyForbids: boolean;
}

/** Returns the settings in a URL of forward auth. Throws VALIDATION_FAILED or FIELD_UNKNOWN. */
export type ReadSettings = (url: string) => GatewaySettings;

export const BY_ROUTE_MAP: GatewaySettings = { question: null, sendsToken: false, onlyForbids: false };

/** A gateway has few different queries. */
const CACHED_MAX = 256;
const WITH_QUERY = `${FORWARD_AUTH_PATH}?`;

/** The query of a URL with a suffix is that of the gateway's client, so it has no settings. */
export function settingsReader(catalogue: Catalogue): ReadSettings {
  const validate = lazyValidator(ForwardAuthQuery, 'querystring');
  const cached = new Map<string, GatewaySettings>();
  const read = (query: string): GatewaySettings => {
    const named = parametersOf(query);
    const error = validate(named);
    if (error) throw error;
    const { permissions, cost, identityToken = false, deny } = named;
    const isByMap = permissions === undefined && cost === undefined;
    const question = isByMap ? null : readQuestion(named, catalogue);
    return { question, sendsToken: identityToken, onlyForbids: deny !== undefined };
  };
  return (url) => {
    if (!url.startsWith(WITH_QUERY)) return BY_ROUTE_MAP;
    const known = cached.get(url);
    if (known) return known;
    const settings = read(url.slice(WITH_QUERY.length));
    if (cached.size >= CACHED_MAX) cached.clear();
    cached.set(url, settings);
    return settings;
  };
}

function parametersOf(query: string): ForwardAuthQueryBody {
  const parameters = [...new URLSearchParams(query)];
  const named = Object.fromEntries(parameters);
  const twice = parameters.find(
    ([name], index) => parameters.findIndex(([other]) => other === name) !== index,
  );
  if (twice) throw invalid(twice[0], 'was sent more than once');
  return named;
}
