import { onDashboard } from '../harness/dashboard.ts';
import { dashboardHostile } from '../harness/dashboard-hostile.ts';
import { startInProcess } from '../harness/dashboard-service.ts';

/** `npm run lab -- dashboard` has all of them. */
const A_FEW = 10;
const IN_EACH_FIELD = 3;

dashboardHostile(onDashboard(startInProcess), A_FEW, IN_EACH_FIELD);
