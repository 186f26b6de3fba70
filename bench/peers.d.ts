// What bench/package.json has and the product does not: `npm run check` works where the bench was never installed.
declare module '@better-auth/api-key';
declare module '@better-auth/kysely-adapter/node-sqlite-dialect';
declare module 'better-auth';
declare module 'better-auth/db/migration';
declare module 'tinybench';
