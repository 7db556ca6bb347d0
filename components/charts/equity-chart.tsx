'use client';

import {
  Area,
  AreaChart,
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatClock } from '@/components/format/time';
import { clockTicks, type EquityPoint, equityTicks } from './prepare-equity';

const AXIS = { fontSize: 11, fill: 'var(--c-muted)' } as const;
const time = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

interface ChartProps {
  readonly points: readonly EquityPoint[];
}

interface HintProps {
  readonly active?: boolean | undefined;
  readonly payload?: readonly { readonly payload?: unknown }[] | undefined;
}

function isPoint(value: unknown): value is EquityPoint {
  return typeof value === 'object' && value !== null && 'atMs' in value && 'equity' in value;
}

function Hint({ active, payload }: HintProps) {
  const point = payload?.[0]?.payload;
  if (active !== true || !isPoint(point) || point.equity === null) return null;
  return (
    <div className="num rounded-sm border border-border bg-surface px-2 py-1 text-12">
      <div className="text-muted">{formatClock(point.atMs)}</div>
      <div>Equity {cents.format(point.equity)}</div>
      {point.drawdown !== null && <div>Drawdown {point.drawdown.toFixed(2)}%</div>}
    </div>
  );
}

const xAxis = {
  dataKey: 'atMs',
  type: 'number',
  domain: ['dataMin', 'dataMax'],
  tick: AXIS,
  tickLine: false,
  axisLine: { stroke: 'var(--c-border)' },
  minTickGap: 48,
} as const;

/** Equity from its starting value: one axis, gaps stay gaps. */
export function EquityChart({ points }: ChartProps) {
  const ticks = equityTicks(points);
  const start = points.find((point) => point.equity !== null)?.equity ?? null;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={[...points]} margin={{ top: 8, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--c-border)" strokeDasharray="2 4" vertical={false} />
        <XAxis {...xAxis} ticks={[...clockTicks(points, 6)]} tickFormatter={(value: number) => time.format(value)} />
        <YAxis
          domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
          ticks={[...ticks]}
          interval={0}
          width={64}
          tick={AXIS}
          tickLine={false}
          axisLine={false}
          tickFormatter={(value: number) => whole.format(value)}
        />
        {start !== null && <ReferenceLine y={start} stroke="var(--c-control)" strokeDasharray="4 4" />}
        <Tooltip content={Hint} isAnimationActive={false} cursor={{ stroke: 'var(--c-control)' }} />
        <Line
          dataKey="equity"
          type="linear"
          stroke="var(--c-primary)"
          strokeWidth={1.5}
          dot={false}
          connectNulls={false}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}

/** How far below its high the day's equity is, in per cent. */
export function DrawdownChart({ points }: ChartProps) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={[...points]} margin={{ top: 8, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--c-border)" strokeDasharray="2 4" vertical={false} />
        <XAxis {...xAxis} ticks={[...clockTicks(points, 6)]} tickFormatter={(value: number) => time.format(value)} />
        <YAxis
          domain={['dataMin', 0]}
          width={64}
          tick={AXIS}
          tickLine={false}
          axisLine={false}
          tickFormatter={(value: number) => `${value.toFixed(2)}%`}
        />
        <Tooltip content={Hint} isAnimationActive={false} cursor={{ stroke: 'var(--c-control)' }} />
        <Area
          dataKey="drawdown"
          type="linear"
          stroke="var(--c-neg)"
          strokeDasharray="5 3"
          strokeWidth={1.5}
          fill="var(--c-neg)"
          fillOpacity={0.08}
          dot={false}
          connectNulls={false}
          isAnimationActive={false}
        />
      </AreaChart>
    </ResponsiveContainer>
  );
}
