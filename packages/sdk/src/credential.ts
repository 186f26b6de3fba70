/** The credential of a client: an API key, or the session of the page in which the client runs. */
export type Credential =
  | {
      /** The API key of every call. The client does not expose it: not as a property, in logs or when serialised. */
      readonly key: string;
      readonly session?: undefined;
    }
  | {
      /** The cookie of the person who is signed in, for pages that the service itself serves. */
      readonly session: true;
      readonly key?: undefined;
    };

/** The parts of a fetch that carry the credential. */
export interface CredentialInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials?: 'omit' | 'same-origin';
}

/**
 * The credential as a part of each fetch. Throws TypeError for a key that is not visible ASCII without spaces, and
 * without a credential or with two.
 */
export function credentialInit({ key, session }: Credential): CredentialInit {
  if ((key === undefined) === (session !== true)) throw new TypeError('set either key or session: true');
  if (key === undefined) return { headers: {}, credentials: 'same-origin' };
  const headers = { authorization: `Bearer ${visibleAscii(key)}` };
  // The service denies a call with two credentials, so a page does not add its cookie. Only pages have cookies, and some
  // other runtimes do not accept this field.
  return pageUrl() === undefined ? { headers } : { headers, credentials: 'omit' };
}

/** Checked here, because the runtime's error for an invalid header value would print the key. */
function visibleAscii(key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('key must be visible ASCII characters without spaces');
  return key;
}

/**
 * The URL of the service without slashes at its end. In a page, `given` may be relative to the page; `''` is the origin of
 * the page. Throws TypeError if the URL is not http or https, has credentials, a query or a fragment, or if a session
 * would be sent to another origin than that of its page. The messages do not repeat the URL, which can contain a password.
 */
export function serviceUrl(given: string, { session }: Credential): string {
  const page = pageUrl();
  const text = given === '' && page !== undefined ? new URL(page).origin : given;
  if (!URL.canParse(text, page))
    throw new TypeError('url must be an address such as https://keys.example.com');
  const url = new URL(text, page);
  const isPlain =
    /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw new TypeError('url must be http or https, without credentials, query or fragment');
  if (session && page !== undefined && new URL(page).origin !== url.origin)
    throw new TypeError('url must have the origin of this page, because browsers send a session only there');
  return url.href.replace(/\/+$/, '');
}

/** The address of the page, or of the worker, in a browser; undefined in every other runtime. */
function pageUrl(): string | undefined {
  return (globalThis as { location?: { readonly href: string } }).location?.href;
}
