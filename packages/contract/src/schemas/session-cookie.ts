/** The cookie with the session token. Because of the prefix, browsers do not let other hosts or plain HTTP set it. */
export const SESSION_COOKIE = '__Host-latchkey_session';
