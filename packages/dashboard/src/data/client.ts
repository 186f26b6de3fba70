import { Latchkey } from '@latchkey/sdk';

/** The client of this service, with the session of the page as its credential. */
export const latchkey = new Latchkey({ url: location.origin, session: true });
