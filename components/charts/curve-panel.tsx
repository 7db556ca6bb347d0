'use client';

import { cx } from '@/components/ui/cx';
import { useLoaded } from '@/components/ui/use-loaded';
import type { CurveViewProps } from './curve-view';

/** Recharts is as large as the rest of a page, so it is loaded after the first paint, into a box of its size. */
const loadView = () => import('./curve-view');

/** The equity curve, optionally with the drawdown below it. */
export function CurvePanel(props: CurveViewProps) {
  const view = useLoaded(loadView);
  return (
    <div className={cx(props.drawdown === true ? 'min-h-[414px]' : 'min-h-[266px]')}>
      {view === null ? (
        <div
          role="status"
          aria-label="Loading the chart"
          className={cx(
            'rounded-md border border-border bg-surface',
            props.drawdown === true ? 'h-[414px]' : 'h-[266px]',
          )}
        />
      ) : (
        <view.CurveView {...props} />
      )}
    </div>
  );
}
