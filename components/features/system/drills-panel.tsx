'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '@/components/shell/session';
import { useStatus } from '@/components/shell/use-status';
import { DRILL_STATUS } from '@/components/status/execution';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { DrillRow } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import { formatCount, formatMs } from './drill-times';

const loadStarter = () => import('./drill-dialog');

const REFRESH_MS = 1_000;

const isRunning = (row: DrillRow) => row.finishedAt === null;

/** Rehearsals of the kill switch: what was measured, and the way to start one. */
export function DrillsPanel({ initial }: { readonly initial: readonly DrillRow[] }) {
  const trpc = useTRPC();
  const [starting, setStarting] = useState(false);
  const query = useQuery(
    trpc.trading.drills.queryOptions(
      {},
      {
        initialData: [...initial],
        // Only while one runs: a finished one changes no more.
        refetchInterval: (asked) => (asked.state.data?.some(isRunning) === true ? REFRESH_MS : false),
      },
    ),
  );
  const starter = useLoaded(loadStarter);
  const rows = query.data;
  return (
    <Panel
      title="Kill drills"
      testId="drills"
      className="xl:col-span-2"
      aside={<StartButton running={rows.some(isRunning)} onStart={() => setStarting(true)} />}
    >
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      {rows.length === 0 ? (
        <EmptyState title="The kill switch has not been rehearsed">
          A drill places orders far from the market, halts, and measures how long it takes until nothing works any more.
        </EmptyState>
      ) : (
        <DrillTable rows={rows} />
      )}
      {starter !== null && <starter.DrillDialog open={starting} onClose={() => setStarting(false)} />}
    </Panel>
  );
}

/** Why a drill cannot begin now; null when it can. */
function useObstacle(running: boolean): string | null {
  const { status } = useStatus();
  const { role } = useSession();
  if (role !== 'ADMIN') return 'Needs the role administrator';
  if (running) return 'A drill is running';
  if (status.environment === 'LIVE') return 'Never on a live account';
  return status.trading.state === 'ACTIVE' ? null : 'Trading must be active to begin with';
}

function StartButton({ running, onStart }: { readonly running: boolean; readonly onStart: () => void }) {
  const obstacle = useObstacle(running);
  return (
    <span className="flex flex-wrap items-center gap-2">
      {obstacle !== null && <span className="text-12 text-muted">{obstacle}</span>}
      <Button size="small" disabled={obstacle !== null} onClick={onStart} data-testid="start-drill">
        Start a drill…
      </Button>
    </span>
  );
}

function DrillTable({ rows }: { readonly rows: readonly DrillRow[] }) {
  return (
    <ScrollBox label="Kill drills" className="max-h-[420px]">
      <table className="table" data-testid="drills-table">
        <thead>
          <tr>
            <th scope="col">Asked for (ET)</th>
            <th scope="col">Result</th>
            <th scope="col">Symbol</th>
            {['Working', 'Acknowledged', 'Verified', 'Cancelled', 'Filled', 'Fills after'].map((label) => (
              <th key={label} scope="col" className="right">
                {label}
              </th>
            ))}
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DrillLine key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function DrillLine({ row }: { readonly row: DrillRow }) {
  const after = row.fillsAfterHalt ?? 0;
  return (
    <tr data-testid="drill-row" data-status={row.status}>
      <td>
        <Link href={`/system/drills/${row.id}`} className="text-primary hover:underline">
          <Moment iso={row.requestedAt} />
        </Link>
      </td>
      <td>
        <StatusBadge display={DRILL_STATUS[row.status]} />
      </td>
      <td className="font-semibold">
        {row.symbol} <span className="font-normal text-muted">{row.environment}</span>
      </td>
      <td className="num right">
        {formatCount(row.working)} <span className="text-muted">of {row.orders}</span>
      </td>
      <td className="num right">{formatMs(row.acknowledgedMs)}</td>
      <td className="num right">{formatMs(row.verifiedMs)}</td>
      <td className="num right">{formatCount(row.cancelled)}</td>
      <td className="num right">{formatCount(row.filled)}</td>
      <td className={cx('num right', after > 0 && 'font-semibold text-danger')}>{formatCount(row.fillsAfterHalt)}</td>
      <td>{row.requestedBy}</td>
    </tr>
  );
}
