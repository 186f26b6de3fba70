import type { ApiKeyBody, RefusalBody } from '@latchkey/contract';
import { count } from '../../ui/numbers.ts';

/** One sentence about why a request was denied. */
export interface Cause {
  readonly title: string;
  readonly text: string;
}

export function causeOf(
  { code, step, missing, cost }: RefusalBody,
  { rateLimit, creator }: ApiKeyBody,
): Cause {
  switch (code) {
    case 'PERMISSION_DENIED':
      return {
        title: 'Permission denied',
        text: `The request needed ${missing.join(', ')}, which this key does not hold.`,
      };
    case 'RATE_LIMITED':
      return { title: 'Rate limited', text: limitText(step === 'day', cost, rateLimit) };
    case 'KEY_DISABLED':
      return step === 'owner'
        ? { title: 'Disabled', text: `Its owner, ${creator.displayName}, was not an active member.` }
        : { title: 'Disabled', text: 'The key was disabled.' };
    case 'KEY_EXPIRED':
      return { title: 'Expired', text: 'The key had expired.' };
    case 'KEY_REVOKED':
      return step === 'rotated'
        ? { title: 'Old secret', text: 'The request used a secret that a rotation had ended.' }
        : { title: 'Revoked', text: 'The key was revoked.' };
    case 'WORKSPACE_SUSPENDED':
      return { title: 'Workspace suspended', text: 'The workspace was suspended.' };
    default:
      return { title: code, text: 'The service denied the request.' };
  }
}

function limitText(
  isDay: boolean,
  cost: number,
  { requestsPerDay, requestsPerMinute }: ApiKeyBody['rateLimit'],
): string {
  const limit = isDay ? requestsPerDay : requestsPerMinute;
  const unit = isDay ? 'day' : 'minute';
  const shortage =
    cost > 1 ? `had less left than the ${count(cost)} that this request counts as` : 'was used up';
  return limit === null
    ? `The limit of requests a ${unit} ${shortage}. The key has no such limit now.`
    : `The limit of ${count(limit)} requests a ${unit} ${shortage}.`;
}
