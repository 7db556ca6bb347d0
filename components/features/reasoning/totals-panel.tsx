import { Fact, Panel } from '@/components/ui/panel';
import type { ReasoningOverview } from '@/server/contracts/console/reasoning';
import { dollarsText, millisecondsText } from './words';

const count = (value: number) => value.toLocaleString('en-US');
const time = (ms: number | null) => (ms === null ? '—' : millisecondsText(ms));

/** `3 (12.5%)` of the requested memos. */
function rate(part: number, whole: number): string {
  return whole === 0 ? count(part) : `${count(part)} (${((part / whole) * 100).toFixed(1)}%)`;
}

/** The figures of the whole range. */
export function TotalsPanel({ totals }: { readonly totals: ReasoningOverview['totals'] }) {
  const asked = totals.ok + totals.failed;
  return (
    <Panel title="Totals" testId="reasoning-totals">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4 xl:grid-cols-8">
        <Fact label="Signals">{count(totals.memos)}</Fact>
        <Fact label="Failed">{rate(totals.failed, asked)}</Fact>
        <Fact label="Not requested">{count(totals.disabled)}</Fact>
        <Fact label="Slow, over 8 s">{count(totals.slow)}</Fact>
        <Fact label="Retries">{count(totals.repaired)}</Fact>
        <Fact label="Cache hits">{count(totals.cached)}</Fact>
        <Fact label="Median latency">{time(totals.latencyP50Ms)}</Fact>
        <Fact label="p95 latency">{time(totals.latencyP95Ms)}</Fact>
        <Fact label="Allow">{count(totals.allow)}</Fact>
        <Fact label="Allow with caution">{count(totals.caution)}</Fact>
        <Fact label="Avoid">{count(totals.avoid)}</Fact>
        <Fact label="Used in a decision">{count(totals.judged)}</Fact>
        <Fact label="Made stricter">{rate(totals.tightened, totals.judged)}</Fact>
        <Fact label="Tokens in">{count(totals.inputTokens)}</Fact>
        <Fact label="Tokens out">{count(totals.outputTokens)}</Fact>
        <Fact label="Cost">{dollarsText(totals.cost)}</Fact>
      </dl>
    </Panel>
  );
}
