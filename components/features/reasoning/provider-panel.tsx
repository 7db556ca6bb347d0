import type { SystemDetail } from '@/components/trpc/types';
import { StatusBadge } from '@/components/ui/badge';
import { Fact, Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import type { MemoRow } from '@/server/contracts/console/reasoning';
import { BREAKER, faultLine, presentFault, providerState } from './provider-state';
import { writerText } from './words';

/** Who is asked, and whether it answers: the last fault in one line, with what to do about it. */
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
        <EmptyState title="No worker reports a reasoner">Start a worker with the role pipeline.</EmptyState>
      </Panel>
    );
  }
  const fault = presentFault(state, newest?.memo);
  return (
    <Panel title="Provider" testId="provider" aside={<StatusBadge display={BREAKER[state.breaker]} />}>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
        <Fact label="Memos are written by" className="col-span-2">
          {writerText(state)}
        </Fact>
        <Fact label="Calls under way">{state.running}</Fact>
        <Fact label="Waiting for a place">{state.waiting}</Fact>
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
        {BREAKER[state.breaker].hint}. A memo can only make a verdict stricter; without one a signal that was asked
        about waits for a person.
      </p>
    </Panel>
  );
}
