/** Requests that make keys like the prepared ones. */
import { LIMITS, PERMISSIONS } from '../data/template.mjs';
import { createRequest } from './requests.mjs';
import { writeRequests } from './requests-file.mjs';

const NAMES = 10_000;

/** @param {import('../data/database.mjs').Prepared} prepared @returns {string} the file they are in */
export function writeCreations({ ownerKey, ownerId: userId }) {
  const requests = Array.from({ length: NAMES }, (_, index) =>
    createRequest(ownerKey, {
      name: `New key ${index}`,
      userId,
      permissions: PERMISSIONS,
      rateLimit: LIMITS,
    }),
  );
  return writeRequests(requests);
}
