const { signInWays = '', signInProblem, requestId } = document.body.dataset;
const ways = signInWays.split(' ');

/** What the service says about signing in, in attributes of the page. */
export const hasProvider = ways.includes('provider');
export const hasMail = ways.includes('mail');

/** Why the sign-in at the provider failed, if this page is the answer to one. */
export const providerProblem = signInProblem === undefined ? null : { message: signInProblem, requestId };

/** Redirects to the identity provider. */
export const PROVIDER_PATH = '/sign-in/provider';
