'use client';

import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { ReasoningSlot } from './prepare-reasoning';

const TICK = { fontSize: 11, fill: 'var(--c-muted)' } as const;
const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 } as const;
const LEGEND = { fontSize: 11 } as const;
const HINT = {
  contentStyle: { background: 'var(--c-surface)', borderColor: 'var(--c-border)', fontSize: 12 },
  labelStyle: { color: 'var(--c-muted)' },
  itemStyle: { color: 'var(--c-text)' },
  isAnimationActive: false,
} as const;

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', day: 'numeric', month: 'short' });
const DAY_MS = 86_400_000;

interface ChartProps {
  readonly slots: readonly ReasoningSlot[];
}

/** Times within two days by the clock, longer ones by the date. */
function labelOf(slots: readonly ReasoningSlot[]): (atMs: number) => string {
  const span = (slots.at(-1)?.atMs ?? 0) - (slots[0]?.atMs ?? 0);
  return (atMs) => (span > 2 * DAY_MS ? day : clock).format(atMs);
}

const fullTime = (atMs: unknown) =>
  typeof atMs === 'number' ? `${day.format(atMs)} ${clock.format(atMs)} ET` : String(atMs);

function xAxis(slots: readonly ReasoningSlot[]) {
  return {
    dataKey: 'atMs',
    tick: TICK,
    tickLine: false,
    axisLine: { stroke: 'var(--c-border)' },
    minTickGap: 56,
    tickFormatter: labelOf(slots),
  };
}

const yAxis = { width: 56, tick: TICK, tickLine: false, axisLine: false } as const;
const grid = { stroke: 'var(--c-border)', strokeDasharray: '2 4', vertical: false } as const;

/** What each stretch cost, in dollars, or in tokens where no price is known or there is none. */
export function CostChart({ slots }: ChartProps) {
  const priced = slots.some(({ cost }) => cost > 0);
  const text = (value: unknown) => (priced ? `$${Number(value).toFixed(4)}` : Number(value).toLocaleString('en-US'));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...slots]} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...xAxis(slots)} />
        <YAxis
          {...yAxis}
          allowDecimals={priced}
          tickFormatter={(value: number) => (priced ? `$${value}` : String(value))}
        />
        <Tooltip {...HINT} labelFormatter={fullTime} formatter={text} cursor={{ fill: 'var(--c-sunken)' }} />
        <Bar
          dataKey={priced ? 'cost' : 'tokens'}
          name={priced ? 'Dollars' : 'Tokens'}
          fill="var(--c-primary)"
          isAnimationActive={false}
        />
      </BarChart>
    </ResponsiveContainer>
  );
}

/** Seconds from the question to the answer: the median, and dashed what one in twenty takes longer than. */
export function LatencyChart({ slots }: ChartProps) {
  const line = { type: 'linear', strokeWidth: 1.5, connectNulls: false, isAnimationActive: false } as const;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={[...slots]} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...xAxis(slots)} />
        <YAxis {...yAxis} tickFormatter={(value: number) => `${value} s`} />
        <Tooltip {...HINT} labelFormatter={fullTime} formatter={(value: unknown) => `${Number(value).toFixed(2)} s`} />
        <Legend wrapperStyle={LEGEND} iconType="plainline" />
        <Line {...line} dataKey="p50" name="Median" stroke="var(--c-primary)" dot={{ r: 1.5 }} />
        <Line {...line} dataKey="p95" name="95 in 100" stroke="var(--c-warn)" strokeDasharray="5 3" dot={{ r: 1.5 }} />
      </LineChart>
    </ResponsiveContainer>
  );
}

/** What came of the questions, one upon the other. */
export function OutcomeChart({ slots }: ChartProps) {
  const bar = { stackId: 'outcome', isAnimationActive: false } as const;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...slots]} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis {...xAxis(slots)} />
        <YAxis {...yAxis} allowDecimals={false} />
        <Tooltip {...HINT} labelFormatter={fullTime} cursor={{ fill: 'var(--c-sunken)' }} />
        <Legend wrapperStyle={LEGEND} />
        <Bar {...bar} dataKey="failed" name="Failed" fill="var(--c-neg)" />
        <Bar {...bar} dataKey="ok" name="With a memo" fill="var(--c-primary)" />
        <Bar {...bar} dataKey="disabled" name="Not asked for" fill="var(--c-control)" />
      </BarChart>
    </ResponsiveContainer>
  );
}
