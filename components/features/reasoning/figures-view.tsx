'use client';

import { type ReactNode, useState } from 'react';
import { prepareReasoning, type ReasoningSlot } from '@/components/charts/prepare-reasoning';
import { CostChart, LatencyChart, OutcomeChart } from '@/components/charts/reasoning-charts';
import { formatMoment } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState } from '@/components/ui/states';
import type { ReasoningOverview } from '@/server/contracts/console/reasoning';

/** Cost, times and failures over the range; the same figures as a table at a click. */
export function FiguresView({ overview }: { readonly overview: ReasoningOverview }) {
  const [asTable, setAsTable] = useState(false);
  const slots = prepareReasoning(overview);
  const empty = overview.points.length === 0;
  return (
    <Panel
      title="Cost, time and failures"
      testId="reasoning-charts"
      aside={
        <Button
          size="small"
          disabled={empty}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
          data-testid="reasoning-table-toggle"
        >
          {asTable ? 'Charts' : 'Table'}
        </Button>
      }
    >
      {empty && (
        <EmptyState title="No memo in this range">Each signal that a strategy makes is asked about.</EmptyState>
      )}
      {!empty && asTable && <SlotTable slots={slots} />}
      {!empty && !asTable && (
        <div className="grid gap-3 p-2 lg:grid-cols-3">
          <Chart title="Cost">
            <CostChart slots={slots} />
          </Chart>
          <Chart title="Time to answer">
            <LatencyChart slots={slots} />
          </Chart>
          <Chart title="Outcomes">
            <OutcomeChart slots={slots} />
          </Chart>
        </div>
      )}
    </Panel>
  );
}

function Chart({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="px-1 text-12 font-medium text-muted">{title}</h3>
      <figure aria-label={`${title}; the Table button shows the figures`} className="h-44">
        {children}
      </figure>
    </div>
  );
}

const seconds = (value: number | null) => (value === null ? '—' : value.toFixed(2));

function SlotTable({ slots }: { readonly slots: readonly ReasoningSlot[] }) {
  const now = useNow();
  const used = slots.filter(({ ok, failed, disabled }) => ok + failed + disabled > 0).toReversed();
  return (
    <ScrollBox label="Cost, time and failures" className="max-h-80">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">From (ET)</th>
            <th scope="col" className="right">
              Memos
            </th>
            <th scope="col" className="right">
              Failed
            </th>
            <th scope="col" className="right">
              Not asked
            </th>
            <th scope="col" className="right">
              Tokens
            </th>
            <th scope="col" className="right">
              Dollars
            </th>
            <th scope="col" className="right">
              Median, s
            </th>
            <th scope="col" className="right">
              95 in 100, s
            </th>
          </tr>
        </thead>
        <tbody>
          {used.map((slot) => (
            <tr key={slot.atMs}>
              <td className="num">{formatMoment(new Date(slot.atMs).toISOString(), now)}</td>
              <td className="num right">{slot.ok}</td>
              <td className="num right">{slot.failed}</td>
              <td className="num right">{slot.disabled}</td>
              <td className="num right">{slot.tokens.toLocaleString('en-US')}</td>
              <td className="num right">{slot.cost.toFixed(4)}</td>
              <td className="num right">{seconds(slot.p50)}</td>
              <td className="num right">{seconds(slot.p95)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
