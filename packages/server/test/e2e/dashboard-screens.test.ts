import { onDashboard } from '../harness/dashboard.ts';
import { dashboardScreens } from '../harness/dashboard-screens.ts';
import { startInProcess } from '../harness/dashboard-service.ts';

dashboardScreens(onDashboard(startInProcess));
