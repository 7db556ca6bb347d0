'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { Curve, RouterInputs } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { CurveTable } from './curve-table';
import { DrawdownChart, EquityChart } from './equity-chart';
import { prepareEquity } from './prepare-equity';

type Range = RouterInputs['portfolio']['curve']['range'];

const RANGES: Record<Range, string> = { '1h': 'Hour', '1d': 'Day', '1w': 'Week', all: 'All' };

export interface CurveViewProps {
  readonly initial: Curve;
  readonly initialRange: Range;
  readonly drawdown?: boolean;
}

/** The equity curve, and below it the drawdown; the same figures as a table at a click. */
export function CurveView({ initial, initialRange, drawdown = false }: CurveViewProps) {
  const trpc = useTRPC();
  const [range, setRange] = useState<Range>(initialRange);
  const [asTable, setAsTable] = useState(false);
  const query = useQuery(
    trpc.portfolio.curve.queryOptions(
      { range },
      { placeholderData: keepPreviousData, ...(range === initialRange ? { initialData: initial } : {}) },
    ),
  );
  const curve = query.data ?? initial;
  const points = prepareEquity(curve.points, curve.stepSeconds);
  return (
    <Panel
      title="Equity"
      testId="equity-panel"
      aside={
        <span className="flex items-center gap-2">
          <SelectField label="Range" value={range} options={RANGES} onChange={setRange} />
          <Button
            size="small"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            data-testid="curve-table-toggle"
          >
            {asTable ? 'Chart' : 'Table'}
          </Button>
        </span>
      }
    >
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {curve.points.length < 2 && (
        <EmptyState title="No curve yet">
          The worker records the account every few seconds; the line begins with the second record.
        </EmptyState>
      )}
      {curve.points.length >= 2 && asTable && <CurveTable curve={curve} />}
      {curve.points.length >= 2 && !asTable && (
        <div className="p-2">
          <figure
            aria-label={`Equity, ${RANGES[range].toLowerCase()}; the Table button shows the figures`}
            className="h-52"
          >
            <EquityChart points={points} />
          </figure>
          {drawdown && (
            <>
              <h3 className="px-1 pt-2 text-12 font-medium text-muted">Drawdown since the last close</h3>
              <figure aria-label="Drawdown; the Table button shows the figures" className="h-28">
                <DrawdownChart points={points} />
              </figure>
            </>
          )}
        </div>
      )}
    </Panel>
  );
}
