import { boundedFetch } from './bounded-fetch.ts';

/** Milliseconds until metadata are read again. */
export const METADATA_FRESH_MS = 10 * 60_000;
/** Milliseconds between two reads of the metadata that an unknown key or a failed sign-in causes. */
export const DISCOVER_AGAIN_AFTER_MS = 5_000;

export interface ProviderMetadata {
  /** The address of its keys. */
  readonly jwksUri: URL;
}

/**
 * Reads the metadata of a provider (OpenID Connect Discovery 1.0, section 4). Throws when it does not answer, or when the
 * metadata name another issuer, whose keys must never be accepted.
 */
export async function discover(issuer: string): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await boundedFetch(url, { redirect: 'error' });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (metadata?.issuer !== issuer)
    throw new Error(`${url} names the issuer ${String(metadata?.issuer)}, not ${issuer}`);
  const jwksUri = new URL(String(metadata.jwks_uri));
  if (jwksUri.protocol !== new URL(issuer).protocol)
    throw new Error(
      `${issuer} publishes its keys at ${jwksUri.href}, which must use the same protocol as the issuer`,
    );
  return { jwksUri };
}
