import { Fact, Panel } from '@/components/ui/panel';
import type { ReasoningOverview } from '@/server/contracts/console/reasoning';
import { dollarsText, millisecondsText } from './words';

const count = (value: number) => value.toLocaleString('en-US');
const time = (ms: number | null) => (ms === null ? '—' : millisecondsText(ms));

/** `3 (12.5%)` of what was asked for. */
function rate(part: number, whole: number): string {
  return whole === 0 ? count(part) : `${count(part)} (${((part / whole) * 100).toFixed(1)}%)`;
}

/** The figures of the whole range. */
export function TotalsPanel({ totals }: { readonly totals: ReasoningOverview['totals'] }) {
  const asked = totals.ok + totals.failed;
  return (
    <Panel title="In this range" testId="reasoning-totals">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4 xl:grid-cols-8">
        <Fact label="Signals">{count(totals.memos)}</Fact>
        <Fact label="Failed">{rate(totals.failed, asked)}</Fact>
        <Fact label="Not asked for">{count(totals.disabled)}</Fact>
        <Fact label="Slow, over 8 s">{count(totals.slow)}</Fact>
        <Fact label="Asked again">{count(totals.repaired)}</Fact>
        <Fact label="Used again">{count(totals.cached)}</Fact>
        <Fact label="Median time">{time(totals.latencyP50Ms)}</Fact>
        <Fact label="95 in 100 within">{time(totals.latencyP95Ms)}</Fact>
        <Fact label="Allow">{count(totals.allow)}</Fact>
        <Fact label="With caution">{count(totals.caution)}</Fact>
        <Fact label="Avoid">{count(totals.avoid)}</Fact>
        <Fact label="Judged with one">{count(totals.judged)}</Fact>
        <Fact label="Made stricter">{rate(totals.tightened, totals.judged)}</Fact>
        <Fact label="Tokens in">{count(totals.inputTokens)}</Fact>
        <Fact label="Tokens out">{count(totals.outputTokens)}</Fact>
        <Fact label="Cost">{dollarsText(totals.cost)}</Fact>
      </dl>
    </Panel>
  );
}
