import { afterAll, beforeAll, describe } from 'vitest';
import { onDashboard } from '../harness/dashboard.ts';
import { dashboardHostile } from '../harness/dashboard-hostile.ts';
import { dashboardScreens } from '../harness/dashboard-screens.ts';
import { startAsProcess } from '../harness/dashboard-service.ts';
import { dashboardTasks } from '../harness/dashboard-tasks.ts';
import { type PostgresServer, startPostgres } from '../harness/postgres-server.ts';

const HOSTILE_TEXTS = 100;

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const ENGINES = {
  SQLite: () => startAsProcess(),
  PostgreSQL: async () => startAsProcess(await postgres.createDatabase()),
};

describe.each(Object.entries(ENGINES))('over %s', (_, start) => {
  describe('screens', () => dashboardScreens(onDashboard(start)));
  describe('tasks', () => dashboardTasks(onDashboard(start)));
  describe('hostile texts', () => dashboardHostile(onDashboard(start), HOSTILE_TEXTS));
});
