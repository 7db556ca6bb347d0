'use client';

import { formatQty, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { Reconciliation } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Ago } from '@/components/ui/moment';
import { Fact, Panel } from '@/components/ui/panel';

/** The usual interval; the broker's request limit can extend it. */
const USUAL_EVERY_MS = 5_000;
/** The worker raises an alert after more failures in a row than this. */
const TOLERATED_FAILURES = 3;

function milliseconds(ms: number | null): string {
  if (ms === null) return NONE;
  return ms < 10_000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1_000);
}

function count(value: number | null): string {
  return value === null ? NONE : formatQty(String(Math.round(value)));
}

function interval(ms: number | null): string {
  return ms === null ? NONE : formatDuration(ms / 1_000);
}

function isStretched(round: Reconciliation['round']): boolean {
  return round !== null && round.everyMs !== null && round.everyMs > USUAL_EVERY_MS;
}

/** The last round's duration and cost, and whether rounds run as often as they should. */
export function RoundPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const { round, failedRounds, reconciledAt, accountId } = reconciliation;
  const stretched = isStretched(round);
  return (
    <Panel title="Last round" testId="round">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4 xl:grid-cols-8">
        <Fact label="Account">{accountId ?? 'not seen yet'}</Fact>
        <Fact label="Reconciled">{reconciledAt === null ? 'never' : <Ago iso={reconciledAt} />}</Fact>
        <Fact label="Duration">{milliseconds(round?.ms ?? null)}</Fact>
        <Fact label="Interval">
          <span className={cx(stretched && 'font-medium text-warn')}>{interval(round?.everyMs ?? null)}</span>
        </Fact>
        <Fact label="Broker requests">{count(round?.requests ?? null)}</Fact>
        <Fact label="SQL statements">{count(round?.statements ?? null)}</Fact>
        <Fact label="Open orders">{count(round?.openOrders ?? null)}</Fact>
        <Fact label="Failed in a row">
          <span className={cx(failedRounds > 0 && 'font-medium text-danger')}>{failedRounds}</span>
        </Fact>
      </dl>
      {stretched && (
        <p className="border-t border-border bg-warn-bg px-3 py-2 text-warn" data-testid="round-stretched">
          Rounds run only every {interval(round?.everyMs ?? null)}: the broker limits requests
          {(round?.waitedMs ?? 0) > 0 && <>, and the last one waited {milliseconds(round?.waitedMs ?? null)} for it</>}.
        </p>
      )}
      {failedRounds > 0 && (
        <p className="border-t border-border bg-danger-bg px-3 py-2 text-danger" data-testid="round-failed">
          {failedRounds === 1 ? 'The last round' : `The last ${failedRounds} rounds`} failed. The figures below are from
          the last successful one.
          {failedRounds > TOLERATED_FAILURES && ' Check the broker and the worker on the system page.'}
        </p>
      )}
    </Panel>
  );
}
