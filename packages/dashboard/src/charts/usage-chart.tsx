import '@mantine/charts/styles.css';
import type { Granularity, UsagePointBody } from '@latchkey/contract';
import { BarChart } from '@mantine/charts';
import { ReferenceArea } from 'recharts';
import { count, short } from '../ui/numbers.ts';
import { minuteText, shortTimeText, utcText, ZONE_NAME } from '../ui/time.ts';
import classes from './charts.module.css';

/** The series of denials, each with a colour; all other codes are one. */
const DENIALS = [
  { name: 'PERMISSION_DENIED', label: 'Permission denied', color: 'var(--chart-permission)' },
  { name: 'RATE_LIMITED', label: 'Rate limited', color: 'var(--chart-rate)' },
  { name: 'other', label: 'Denied for another reason', color: 'var(--chart-other)' },
] as const;
const ALLOWED = { name: 'allowed', label: 'Allowed', color: 'var(--chart-allowed)' } as const;

type Series = (typeof DENIALS)[number]['name'];
type Point = Record<Series | 'allowed', number> & { readonly at: number; readonly label: string };

interface UsageChartProps {
  readonly points: readonly UsagePointBody[];
  readonly granularity: Granularity;
  /** RFC 3339. Spans before it are a gap: there was no key that could be used. */
  readonly since?: string;
}

/** Allowed and denied requests over one time axis, each with its own scale, because denials are often few. */
export function UsageChart({ points: given, granularity, since }: UsageChartProps) {
  const points = given.map((point) => pointOf(point, granularity));
  const gap = gapOf(points, since);
  const totalOf = (name: Series | 'allowed') => points.reduce((sum, point) => sum + point[name], 0);
  const denials = DENIALS.filter(({ name }) => totalOf(name) > 0);
  const labels = new Map(points.map(({ at, label }) => [at, label]));
  const common = {
    dataKey: 'at',
    withLegend: false,
    gridAxis: 'x',
    gridColor: 'var(--line)',
    textColor: 'var(--text-3)',
    strokeDasharray: '0',
    // The picture is hidden from screen readers, which read the table.
    barChartProps: { accessibilityLayer: false },
    barProps: { isAnimationActive: false, radius: 2 },
    tooltipProps: {
      content: ({ active, payload }: TooltipContent) => (
        <Card isShown={active} point={payload?.[0]?.payload} />
      ),
    },
    xAxisProps: { tickFormatter: (at: number) => labels.get(at) ?? '' },
    yAxisProps: { width: 44, tickFormatter: short, allowDecimals: false, tickCount: 3 },
  } as const;
  return (
    <div className={classes.charts}>
      <ul className={classes.legend}>
        {[ALLOWED, ...denials].map(({ name, label, color }) => (
          <li key={name}>
            <span>
              <i style={{ background: color }} aria-hidden />
              {label}
            </span>
            <b>{count(totalOf(name))}</b>
          </li>
        ))}
      </ul>
      <div aria-hidden className={classes.picture}>
        <BarChart {...common} data={[...points]} h={150} series={[ALLOWED]} withXAxis={denials.length === 0}>
          {gap && <ReferenceArea {...GAP} {...gap} />}
        </BarChart>
        {denials.length > 0 && (
          <BarChart {...common} data={[...points]} h={100} type="stacked" series={[...denials]}>
            {gap && <ReferenceArea {...GAP} {...gap} />}
          </BarChart>
        )}
      </div>
      <p className={classes.note}>
        {since !== undefined && gap && `The key was created on ${shortTimeText(Date.parse(since))}. `}
        {denials.length > 0 && 'Denied requests have their own scale. '}Counts are a few seconds late. Times
        are in {ZONE_NAME}.
      </p>
      <DataTable points={points} />
    </div>
  );
}

const GAP = { fill: 'var(--sunken)', fillOpacity: 1, stroke: 'none' } as const;

/** The first and the last span that are wholly before the time; null: none. */
function gapOf(points: readonly Point[], since: string | undefined): { x1: number; x2: number } | null {
  if (since === undefined) return null;
  const start = Date.parse(since);
  const before = points.filter((_, index) => (points[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= start);
  const [first] = before;
  const last = before.at(-1);
  return first && last ? { x1: first.at, x2: last.at } : null;
}

function pointOf({ at, allowed, denied }: UsagePointBody, granularity: Granularity): Point {
  const { PERMISSION_DENIED = 0, RATE_LIMITED = 0, ...rest } = denied;
  const instant = Date.parse(at);
  const label = granularity === 'day' ? (shortTimeText(instant).split(',')[0] ?? '') : minuteText(instant);
  const other = Object.values(rest).reduce((sum, value) => sum + (value ?? 0), 0);
  return { at: instant, label, allowed, PERMISSION_DENIED, RATE_LIMITED, other };
}

interface TooltipContent {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: Point }[];
}

function Card({ isShown, point }: { isShown: boolean | undefined; point: Point | undefined }) {
  if (!isShown || !point) return null;
  const isEmpty = [ALLOWED, ...DENIALS].every(({ name }) => point[name] === 0);
  return (
    <div className={classes.card}>
      <b>
        {shortTimeText(point.at)} {ZONE_NAME}
      </b>
      <span>{utcText(point.at)}</span>
      {isEmpty && <span>No request</span>}
      {[ALLOWED, ...DENIALS].map(
        ({ name, label }) => point[name] > 0 && <span key={name}>{`${label}: ${count(point[name])}`}</span>,
      )}
    </div>
  );
}

/** The same numbers for screen readers. */
function DataTable({ points }: { points: readonly Point[] }) {
  return (
    <table className={classes.table}>
      <caption>Requests</caption>
      <thead>
        <tr>
          <th>From</th>
          <th>Allowed</th>
          {DENIALS.map(({ name, label }) => (
            <th key={name}>{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.at}>
            <td>{utcText(point.at)}</td>
            <td>{point.allowed}</td>
            {DENIALS.map(({ name }) => (
              <td key={name}>{point[name]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
