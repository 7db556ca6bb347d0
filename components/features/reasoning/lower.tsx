'use client';

import type { Calibration, MemoRow, ReasoningOverview } from '@/server/contracts/console/reasoning';
import { CalibrationPanel } from './calibration-panel';
import { FiguresView } from './figures-view';
import { FaultsPanel, MemosPanel, ModelsPanel } from './tables';

interface LowerProps {
  readonly overview: ReasoningOverview;
  readonly calibration: Calibration;
  readonly memos: readonly MemoRow[];
}

/** What comes after the first paint: charts and tables. */
export function Lower({ overview, calibration, memos }: LowerProps) {
  return (
    <>
      <FiguresView overview={overview} />
      <div className="grid items-start gap-3 xl:grid-cols-[3fr_2fr]">
        <CalibrationPanel calibration={calibration} />
        <div className="flex min-w-0 flex-col gap-3">
          <FaultsPanel faults={overview.faults} />
          <ModelsPanel models={overview.models} />
        </div>
      </div>
      <MemosPanel rows={memos} />
    </>
  );
}
