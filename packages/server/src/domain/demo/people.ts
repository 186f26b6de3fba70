import type { Permission } from '@latchkey/contract';

/** The invented company of the demonstration. */
export const COMPANY = 'Quillfield';

export interface DemoPerson {
  readonly name: string;
  /** A system role, or one of `DEMO_ROLES`. */
  readonly role: string;
  /** How many days before the end of the history they joined. */
  readonly joinedDaysAgo: number;
}

/** The founder, who is an owner. */
export const FOUNDER = 'Ines Castellano';

export const PEOPLE: readonly DemoPerson[] = [
  { name: 'Adaeze Okoro', role: 'Owner', joinedDaysAgo: 117 },
  { name: 'Priya Raman', role: 'Admin', joinedDaysAgo: 116 },
  { name: 'Tomasz Wrona', role: 'Integrations', joinedDaysAgo: 115 },
  { name: 'Jonas Lindqvist', role: 'Developer', joinedDaysAgo: 110 },
  { name: 'Mei Tanaka', role: 'Developer', joinedDaysAgo: 102 },
  { name: 'Samuel Achterberg', role: 'Developer', joinedDaysAgo: 95 },
  { name: 'Leila Haddad', role: 'Support', joinedDaysAgo: 88 },
  { name: 'Owen Prichard', role: 'Member', joinedDaysAgo: 71 },
  { name: 'Nadia Petrova', role: 'Member', joinedDaysAgo: 64 },
  { name: 'Carlos Ibarra', role: 'Developer', joinedDaysAgo: 43 },
  { name: 'Hannah Weiss', role: 'Viewer', joinedDaysAgo: 20 },
];

/** A member who has left, with their keys. */
export const LEAVER: DemoPerson = { name: 'Viktor Sandoval', role: 'Developer', joinedDaysAgo: 90 };
export const LEFT_DAYS_AGO = 16;

/** People who were invited and have not answered. */
export const INVITED: readonly Omit<DemoPerson, 'joinedDaysAgo'>[] = [
  { name: 'Rosa Marchetti', role: 'Developer' },
  { name: 'Daniel Osei', role: 'Viewer' },
];

export interface DemoRole {
  readonly description: string;
  readonly holds: (permission: Permission) => boolean;
}

const within = (permission: Permission, resources: readonly string[]) =>
  resources.includes(permission.split(':', 1)[0] ?? '');
const reads = (permission: Permission) => permission.endsWith(':read');

/** The resources of the product, without people, keys and money. */
const PRODUCT = [
  ...['agents', 'workflows', 'calls', 'campaign', 'insights', 'simulations', 'kb', 'phone-numbers'],
  ...['integrations', 'analytics', 'versions', 'chat'],
];

/** Custom roles by name. */
export const DEMO_ROLES: Readonly<Record<string, DemoRole>> = {
  Integrations: {
    description: 'Builds and runs what other systems call',
    holds: (permission) => reads(permission) || within(permission, [...PRODUCT, 'api-keys', 'billing']),
  },
  Developer: {
    description: 'Builds on the API',
    holds: (permission) =>
      reads(permission) ||
      (within(permission, [...PRODUCT, 'api-keys']) && !/delete|sync|manage-others/.test(permission)),
  },
  Support: {
    description: 'Answers customers, changes nothing',
    holds: (permission) => reads(permission) || permission === 'api-keys:write',
  },
};

/** `Priya Raman` has `priya@quillfield.example`. */
export function addressOf(name: string): string {
  return `${(name.split(' ', 1)[0] ?? name).toLowerCase()}@${COMPANY.toLowerCase()}.example`;
}

const PROGRAMS = [
  ...[
    'Billing worker',
    'Invoice PDF renderer',
    'Dunning mails',
    'CRM sync',
    'Call recorder',
    'Nightly export',
  ],
  ...[
    'Data warehouse loader',
    'Status page',
    'Churn model',
    'Lead import',
    'Webhook relay',
    'Slack notifier',
  ],
  ...['Mobile app backend', 'Partner portal', 'Number porting', 'Campaign scheduler', 'Voice agent runner'],
  ...['Transcript indexer', 'Quality sampling', 'Fraud checks', 'Usage reports', 'On-call bot', 'Load tests'],
  ...['Terraform', 'Grafana', 'Zendesk sync', 'HubSpot sync', 'Salesforce sync', 'Snowflake loader'],
  ...['Backfill 2025', 'Backfill 2026', 'Contact dedupe', 'Address checks', 'Ringtone service', 'IVR editor'],
  ...['Recording archive', 'Consent log', 'Survey mailer', 'Audit collector', 'Cost explorer'],
];
const VARIANTS = ['', ' (staging)', ' EU', ' US', ' canary', ' v2'];

/** As many different names of keys as asked for, up to `PROGRAMS.length * VARIANTS.length`. */
export function keyNames(count: number): string[] {
  const names = VARIANTS.flatMap((variant) => PROGRAMS.map((program) => `${program}${variant}`));
  return names.slice(0, count);
}
