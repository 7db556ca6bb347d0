'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '@/components/shell/session';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { SystemDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { PageHeader } from '@/components/ui/panel';
import { ErrorState, NoPermission } from '@/components/ui/states';
import type { Calibration, MemoRow, ReasoningOverview, ReasoningRange } from '@/server/contracts/console/reasoning';
import type { ReasoningSettings } from '@/server/contracts/reasoning';
import { BudgetPanel } from './budget-panel';
import { CalibrationPanel } from './calibration-panel';
import { FiguresView } from './figures-view';
import { ProviderPanel } from './provider-panel';
import { FaultsPanel, MemosPanel, ModelsPanel } from './tables';
import { TotalsPanel } from './totals-panel';

const SettingsDialog = lazyDialog(async () => (await import('./settings-dialog')).SettingsDialog);

const REFRESH_MS = 10_000;
const MEMOS = { limit: 50 } as const;
const RANGES: Record<ReasoningRange, string> = { '1h': 'Hour', '1d': 'Day', '1w': 'Week', '30d': '30 days' };

export interface ReasoningPageProps {
  readonly overview: ReasoningOverview;
  readonly calibration: Calibration;
  readonly memos: readonly MemoRow[];
  readonly settings: ReasoningSettings;
  readonly workers: SystemDetail['workers'];
}

function useReasoning(initial: ReasoningPageProps, range: ReasoningRange) {
  const trpc = useTRPC();
  const each = { refetchInterval: REFRESH_MS } as const;
  const overview = useQuery(
    trpc.reasoning.overview.queryOptions(
      { range },
      {
        ...each,
        placeholderData: keepPreviousData,
        ...(range === initial.overview.range ? { initialData: initial.overview } : {}),
      },
    ),
  );
  const settings = useQuery(
    trpc.reasoning.settings.queryOptions(undefined, { ...each, initialData: initial.settings }),
  );
  const calibration = useQuery(
    trpc.reasoning.calibration.queryOptions(undefined, { refetchInterval: 60_000, initialData: initial.calibration }),
  );
  const memos = useQuery(trpc.reasoning.list.queryOptions(MEMOS, { ...each, initialData: [...initial.memos] }));
  const system = useQuery({ ...trpc.system.detail.queryOptions(undefined), ...each });
  return { overview, settings, calibration, memos, system };
}

/** Memos: their provider, cost, failures and effect. */
export function ReasoningPage(initial: ReasoningPageProps) {
  const [range, setRange] = useState<ReasoningRange>(initial.overview.range);
  const [editing, setEditing] = useState(false);
  const admin = useSession().role === 'ADMIN';
  const queries = useReasoning(initial, range);
  const overview = queries.overview.data ?? initial.overview;
  const failed = Object.values(queries).find((each) => each.isError);
  return (
    <>
      <PageHeader
        title="Reasoning"
        aside={
          <span className="flex flex-wrap items-center gap-3">
            <SelectField label="Range" value={range} options={RANGES} onChange={setRange} />
            {admin ? (
              <Button onClick={() => setEditing(true)} data-testid="edit-reasoning">
                Limits and prices…
              </Button>
            ) : (
              <NoPermission act="Setting limits and prices" needed="administrator" />
            )}
          </span>
        }
      />
      {failed !== undefined && <ErrorState message={messageOf(failed.error)} onRetry={() => void failed.refetch()} />}
      <div className="flex flex-col gap-3">
        <div className="grid gap-3 lg:grid-cols-2">
          <ProviderPanel workers={queries.system.data?.workers ?? initial.workers} newest={queries.memos.data[0]} />
          <BudgetPanel settings={queries.settings.data} />
        </div>
        <TotalsPanel totals={overview.totals} />
        <FiguresView overview={overview} />
        <div className="grid items-start gap-3 xl:grid-cols-[3fr_2fr]">
          <CalibrationPanel calibration={queries.calibration.data} />
          <div className="flex min-w-0 flex-col gap-3">
            <FaultsPanel faults={overview.faults} />
            <ModelsPanel models={overview.models} />
          </div>
        </div>
        <MemosPanel rows={queries.memos.data} />
      </div>
      {editing && <SettingsDialog settings={queries.settings.data} onClose={() => setEditing(false)} />}
    </>
  );
}
