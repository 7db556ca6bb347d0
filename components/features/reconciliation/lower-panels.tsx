import type { Reconciliation, TieOutRow } from '@/components/trpc/types';
import { HeldPanel } from './held-panel';
import { OrderLinesPanel } from './order-lines-panel';
import { TieOutsPanel } from './tie-outs-panel';
import type { ReconciliationView } from './view';

interface LowerPanelsProps {
  readonly reconciliation: Reconciliation;
  readonly tieOuts: readonly TieOutRow[] | undefined;
  readonly view: ReconciliationView;
  readonly onView: (view: ReconciliationView) => void;
}

/** What stands below the breaks: loaded after the first paint. */
export function LowerPanels({ reconciliation, tieOuts, view, onView }: LowerPanelsProps) {
  return (
    <>
      <div className="grid items-start gap-3 2xl:grid-cols-2">
        <HeldPanel reconciliation={reconciliation} />
        <OrderLinesPanel reconciliation={reconciliation} />
      </div>
      <TieOutsPanel rows={tieOuts} view={view} onView={onView} />
    </>
  );
}
