import { onDashboard } from '../harness/dashboard.ts';
import { startInProcess } from '../harness/dashboard-service.ts';
import { dashboardTasks } from '../harness/dashboard-tasks.ts';

dashboardTasks(onDashboard(startInProcess));
