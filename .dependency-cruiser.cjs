/**
 * Who may import whom. Everything not allowed here is forbidden; ARCHITECTURE.md draws the same picture.
 * Tests and suites may import what they need, but nothing of the product may import them.
 */
const TESTS = '\\.test\\.ts$|\\.suite\\.ts$|/suites/|^packages/[^/]+/test/';
const SERVER = '^packages/server/src/';
const CONTRACT = '^packages/contract/src/(index|decision|key-format)\\.ts$';
const NPM = 'node_modules/';
/** The adapters of the client that know a framework. */
const FRAMEWORKS = 'express|fastify|hono';
/** The entries of the client. */
const SDK = `^packages/sdk/src/(index|testing|fetch|${FRAMEWORKS})\\.ts$`;

/** The nouns of the domain from the bottom up: each may import the levels below its own. */
const NOUN_LEVELS = [
  ['shared'],
  ['audit', 'usage'],
  ['tenancy'],
  ['access'],
  ['keys', 'members', 'roles', 'invitations'],
  ['workspaces', 'sessions'],
  ['verification', 'identity', 'bootstrap', 'host'],
  ['demo'],
];

/** The only domain files that may use node:crypto. */
const CRYPTO_FILES = `${SERVER}domain/(shared/cursor|shared/id|shared/keyring|audit/chain)\\.ts$`;

/** @param {string} path what the rule is about; tests are left out */
const product = (path, ...except) => ({ path, pathNot: [TESTS, ...except] });

/** @param {string} name @param {object} from @param {string[]} allowed every other module is forbidden */
const only = (name, from, allowed) => ({ name, severity: 'error', from, to: { pathNot: allowed } });

const nounRules = NOUN_LEVELS.flatMap((nouns, level) =>
  nouns.map((noun) => {
    const below = [noun, ...NOUN_LEVELS.slice(0, level).flat()].join('|');
    return {
      name: `domain-${noun}-looks-down-only`,
      severity: 'error',
      from: product(`${SERVER}domain/${noun}/`),
      to: { path: `${SERVER}domain/`, pathNot: [`${SERVER}domain/(${below})/`] },
    };
  }),
);

/** Folders at the edge of the server: they see the domain and themselves, never each other. */
const edgeRules = [
  'storage',
  'counters',
  'replica',
  'jobs',
  'mail',
  'http',
  'host',
  'identity',
  'tracing',
].map((folder) => ({
  name: `${folder}-sees-the-domain-only`,
  severity: 'error',
  from: product(`${SERVER}${folder}/`),
  to: { path: SERVER, pathNot: [`${SERVER}(${folder}|domain)/`] },
}));

module.exports = {
  forbidden: [
    only('contract-imports-typebox-and-crc-32-only', product('^packages/contract/src/'), [
      '^packages/contract/src/',
      `${NPM}(typebox|crc-32)/`,
    ]),
    only('domain-imports-contract-and-domain-only', product(`${SERVER}domain/`), [
      `${SERVER}domain/`,
      CONTRACT,
      `${NPM}(typeid-js|nanoid|unhomoglyph)/`,
      '^(node:)?(crypto|util)$',
    ]),
    {
      name: 'domain-crypto-in-four-files-only',
      severity: 'error',
      from: product(`${SERVER}domain/`, CRYPTO_FILES),
      to: { path: '^(node:)?crypto$' },
    },
    {
      name: 'domain-noun-has-a-level',
      comment: 'A new noun of the domain is named in NOUN_LEVELS first.',
      severity: 'error',
      from: {
        path: `${SERVER}domain/`,
        pathNot: [TESTS, `${SERVER}domain/(${NOUN_LEVELS.flat().join('|')})/`],
      },
      to: {},
    },
    ...nounRules,
    ...edgeRules,
    {
      name: 'config-sees-the-shared-domain-only',
      severity: 'error',
      from: { path: `${SERVER}config/` },
      to: { path: `${SERVER}.+/`, pathNot: [`${SERVER}(config|domain/shared)/`] },
    },
    {
      name: 'only-compose-names-adapters',
      severity: 'error',
      from: product(
        SERVER,
        `${SERVER}(index|compose|compose-(?:backup|demo|instances|metrics|migrate|optional|pepper|verification)|service|initialise|workers|worker-process|diagnose|local-storage|host-calls)\\.ts$`,
        `${SERVER}(storage|counters|replica|jobs|mail|http|host|identity|tracing)/`,
      ),
      to: { path: `${SERVER}(storage|counters|replica|jobs|mail|http|host|identity|tracing)/` },
    },
    {
      name: 'only-engines-know-databases',
      severity: 'error',
      from: product(
        '^packages/',
        `${SERVER}storage/engines/`,
        `${SERVER}counters/postgres-counter-store\\.ts$`,
      ),
      to: {
        path: [`${NPM}(@photostructure/sqlite|pg)/`, '^(node:)?sqlite$', '^(@photostructure/sqlite|pg)(/|$)'],
      },
    },
    {
      name: 'only-tracing-knows-opentelemetry',
      severity: 'error',
      from: product('^packages/', `${SERVER}tracing/`),
      to: { path: `${NPM}@opentelemetry/` },
    },
    {
      name: 'tracing-is-loaded-only-when-configured',
      severity: 'error',
      from: product(SERVER, `${SERVER}tracing/`),
      to: { path: `${SERVER}tracing/`, dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'engines-only-through-their-port',
      severity: 'error',
      from: product('^packages/', `${SERVER}storage/engines/`),
      to: {
        path: `${SERVER}storage/engines/`,
        pathNot: `${SERVER}storage/engines/(engine|registry|traced-database)\\.ts$`,
      },
    },
    only(
      'sdk-imports-contract-only',
      product('^packages/sdk/src/', `^packages/sdk/src/(${FRAMEWORKS})\\.ts$`),
      ['^packages/sdk/src/', CONTRACT],
    ),
    {
      name: 'sdk-adapters-import-types-of-their-framework-only',
      severity: 'error',
      from: { path: `^packages/sdk/src/(${FRAMEWORKS})\\.ts$` },
      to: { dependencyTypesNot: ['type-only'], pathNot: ['^packages/sdk/src/', CONTRACT] },
    },
    {
      name: 'server-imports-contract-only',
      severity: 'error',
      from: product(SERVER),
      to: { path: '^packages/', pathNot: [SERVER, CONTRACT, NPM] },
    },
    {
      name: 'cli-imports-sdk-contract-terminal-libraries-only',
      severity: 'error',
      from: product('^packages/cli/src/'),
      to: {
        dependencyTypesNot: ['core'],
        pathNot: [
          '^packages/cli/src/',
          CONTRACT,
          '^packages/sdk/src/index\\.ts$',
          `${SERVER}index\\.ts$`,
          `${NPM}(commander|@bomb\\.sh/tab|@clack/prompts)/`,
        ],
      },
    },
    {
      name: 'cli-server-in-local-commands-only',
      severity: 'error',
      from: product('^packages/cli/src/', '^packages/cli/src/commands/(service/.+|audit/audit-verify)\\.ts$'),
      to: { path: '^packages/server/' },
    },
    only('dashboard-imports-sdk-and-libraries-of-pages-only', product('^packages/dashboard/src/'), [
      '^packages/dashboard/src/',
      CONTRACT,
      '^packages/sdk/src/index\\.ts$',
      `${NPM}(react|react-dom|recharts|@mantine/[^/]+|@tanstack/(react-query|react-router)|@fontsource-variable/[^/]+)/`,
    ]),
    {
      name: 'features-never-import-features',
      severity: 'error',
      from: { path: '^packages/dashboard/src/features/([^/]+)/' },
      to: { path: '^packages/dashboard/src/features/', pathNot: '^packages/dashboard/src/features/$1/' },
    },
    {
      name: 'only-the-router-imports-features',
      severity: 'error',
      from: {
        path: '^packages/dashboard/src/',
        pathNot: '^packages/dashboard/src/(app/|features/|main\\.tsx$)',
      },
      to: { path: '^packages/dashboard/src/(app|features)/' },
    },
    {
      name: 'packages-only-through-their-entry',
      comment: 'Tests of all packages may use what starts servers in the tests of the server.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: ['^packages/$1/', CONTRACT, SDK, `${SERVER}index\\.ts$`, '^packages/server/test/harness/'],
      },
    },
    {
      name: 'no-product-code-imports-tests',
      severity: 'error',
      from: product('^packages/'),
      to: { path: TESTS },
    },
    {
      name: 'no-value-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        path: '^packages/',
        pathNot: [TESTS, '^packages/cli/bin/', '^packages/dashboard/public/', '\\.d\\.ts$'],
      },
      to: {},
    },
    {
      name: 'everything-resolves',
      comment:
        'Newer built-in modules (node:sqlite) are unknown to an older Node; the compiler checks those. What the callers of generated clients import is generated by their test.',
      severity: 'error',
      from: { pathNot: '^packages/server/test/fixtures/clients/' },
      to: { couldNotResolve: true, pathNot: '^node:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
      mainFields: ['types', 'main'],
    },
  },
};
