/** The default permission catalogue. Permission sets are listed in this order. */
export const PERMISSIONS = [
  'agents:read',
  'agents:write',
  'agents:delete',
  'agents:sync',
  'agents:test',
  'workflows:read',
  'workflows:write',
  'workflows:delete',
  'workflows:sync',
  'workflows:test',
  'calls:read',
  'calls:write',
  'calls:delete',
  'calls:import',
  'calls:export',
  'calls:recording-download',
  'calls:metrics-read',
  'calls:logs-read',
  'calls:web-token',
  'calls:chat-message',
  'calls:cdr-read',
  'campaign:read',
  'campaign:write',
  'campaign:delete',
  'campaign:execute',
  'feedbacks:read',
  'feedbacks:write',
  'feedbacks:delete',
  'feedbacks:comment',
  'feedbacks:assign',
  'feedbacks:config',
  'reviews:read',
  'reviews:write',
  'reviews:delete',
  'reviews:assign',
  'insights:read',
  'insights:write',
  'insights:delete',
  'insights:assign',
  'assertions:read',
  'assertions:write',
  'assertions:delete',
  'assertions:assign',
  'personas:read',
  'personas:write',
  'personas:delete',
  'simulations:read',
  'simulations:write',
  'simulations:delete',
  'simulations:execute',
  'solutions:read',
  'solutions:write',
  'solutions:delete',
  'solutions:generate',
  'solutions:accept',
  'kb:read',
  'kb:write',
  'kb:delete',
  'kb:upload',
  'kb:sync',
  'kb:articles-write',
  'phone-numbers:read',
  'phone-numbers:write',
  'phone-numbers:delete',
  'phone-numbers:import',
  'phone-aliases:read',
  'phone-aliases:write',
  'phone-aliases:delete',
  'integrations:read',
  'integrations:write',
  'integrations:delete',
  'integrations:webhook',
  'analytics:read',
  'analytics:widgets-write',
  'analytics:widgets-delete',
  'api-keys:read',
  'api-keys:write',
  'api-keys:delete',
  'api-keys:manage-others',
  'members:read',
  'members:invite',
  'members:remove',
  'members:role-change',
  'members:mfa-reset',
  'roles:read',
  'roles:write',
  'roles:delete',
  'billing:read',
  'billing:manage',
  'workspace:read',
  'workspace:settings-write',
  'workspace:delete',
  'workspace:logs-read',
  'versions:read',
  'versions:publish',
  'models:read',
  'inbound:write',
  'chat:read',
  'custom:abbreviations-read',
  'custom:abbreviations-write',
  'speech-filter:preview',
] as const;

/** A permission that an endpoint of Latchkey can require. */
export type BuiltInPermission = (typeof PERMISSIONS)[number];

/** The name of a permission in the catalogue of the service: `resource:action`, lower case, words joined by `-`. */
export type Permission = string;

/** The most permissions in a catalogue, and the longest name: a list of all of them must fit into one request. */
export const PERMISSIONS_MAX = 1_000;
export const PERMISSION_LENGTH_MAX = 60;

export interface PermissionInfo {
  readonly id: Permission;
  readonly resource: string;
  readonly action: string;
  /** For people, e.g. `Phone numbers: import`. */
  readonly title: string;
}

const FORM = /^[a-z0-9]+(-[a-z0-9]+)*:[a-z0-9]+(-[a-z0-9]+)*$/;

/** Titles of resources whose identifier cannot simply be capitalised. */
const RESOURCE_TITLES: Readonly<Record<string, string>> = { 'api-keys': 'API keys', kb: 'Knowledge base' };

/** Does the text have the format of a permission name? Does not check that a catalogue contains it. */
export function isPermissionName(text: string): boolean {
  return text.length <= PERMISSION_LENGTH_MAX && FORM.test(text);
}

/** Splits a permission into its parts and gives it a title for people. */
export function describePermission(id: Permission): PermissionInfo {
  const [resource = '', action = ''] = id.split(':');
  return {
    id,
    resource,
    action,
    title: `${RESOURCE_TITLES[resource] ?? sentence(resource)}: ${words(action)}`,
  };
}

function words(identifier: string): string {
  return identifier.replaceAll('-', ' ');
}

function sentence(identifier: string): string {
  const text = words(identifier);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
