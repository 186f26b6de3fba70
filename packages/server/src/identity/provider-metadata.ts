import { boundedFetch } from './bounded-fetch.ts';

/** Milliseconds. Metadata that are older are read again. */
export const METADATA_FRESH_MS = 10 * 60_000;
/** What is not found makes us read the metadata again, but no more often than this, however many such requests come. */
export const DISCOVER_AGAIN_AFTER_MS = 5_000;

export interface ProviderMetadata {
  /** Where its keys are. */
  readonly jwksUri: URL;
}

/**
 * Reads what a provider says of itself (OpenID Connect Discovery 1.0, section 4). Throws where it does not answer, or
 * answers as somebody else: keys of another issuer must never be taken for its own.
 */
export async function discover(issuer: string): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await boundedFetch(url, { redirect: 'error' });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (metadata?.issuer !== issuer)
    throw new Error(`${url} is of the issuer ${String(metadata?.issuer)}, not ${issuer}`);
  const jwksUri = new URL(String(metadata.jwks_uri));
  if (jwksUri.protocol !== new URL(issuer).protocol)
    throw new Error(`${issuer} has its keys at ${jwksUri.href}, without the protection of its own address`);
  return { jwksUri };
}
