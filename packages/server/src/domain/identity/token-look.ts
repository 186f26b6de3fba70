/** A signed JWT in its compact form (RFC 7515, section 7.1); without a signature it is as good as one, and refused. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Is this meant to be a token of an identity provider? No key has a dot. */
export function looksLikeJwt(token: string): boolean {
  return JWT.test(token);
}
