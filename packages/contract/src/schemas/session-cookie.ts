/** The cookie that holds the token of a session. By its prefix browsers keep other hosts and plain http from setting it. */
export const SESSION_COOKIE = '__Host-latchkey_session';
