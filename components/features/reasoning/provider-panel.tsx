import type { SystemDetail } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Fact, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import type { MemoRow } from '@/server/contracts/console/reasoning';
import { BREAKER, faultLine, presentFault, providerState } from './provider-state';
import { writerText } from './words';

/** The provider of memos, its state, and its last fault with what to do. */
export function ProviderPanel({
  workers,
  newest,
}: {
  readonly workers: SystemDetail['workers'];
  readonly newest: MemoRow | undefined;
}) {
  const state = providerState(workers);
  if (state === null) {
    return (
      <Panel title="Provider" testId="provider">
        <EmptyState title="No worker uses a reasoner">Start a worker with the role pipeline.</EmptyState>
      </Panel>
    );
  }
  const fault = presentFault(state, newest?.memo);
  return (
    <Panel title="Provider" testId="provider" aside={<StatusBadge display={BREAKER[state.breaker]} />}>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
        <Fact label="Author of memos" className="col-span-2">
          {writerText(state)}
        </Fact>
        <Fact label="Calls in progress">{state.running}</Fact>
        <Fact label="Queued calls">{state.waiting}</Fact>
      </dl>
      {fault !== null && (
        <p
          className="border-t border-border bg-danger-bg px-3 py-2 break-words text-danger"
          data-testid="provider-fault"
        >
          {faultLine(fault)}
        </p>
      )}
      <p className="border-t border-border px-3 py-2 text-12 text-muted">
        {BREAKER[state.breaker].hint}. A memo can only make a decision stricter. If a requested memo is missing, the
        signal needs review.
      </p>
    </Panel>
  );
}
