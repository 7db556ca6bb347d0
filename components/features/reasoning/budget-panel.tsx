import { cx } from '@/components/ui/cx';
import { Moment } from '@/components/ui/moment';
import { Fact, Panel } from '@/components/ui/panel';
import type { ReasoningSettings } from '@/server/contracts/reasoning';
import { dollarsText } from './words';

const tokens = (value: number) => value.toLocaleString('en-US');

/** Use of the current UTC day, against the limits. */
export function BudgetPanel({ settings }: { readonly settings: ReasoningSettings }) {
  const { limits, today, prices } = settings;
  const dollarsUsed = Number(today.dollars);
  const dollarsLimit = limits.dollars_per_day === null ? null : Number(limits.dollars_per_day);
  const gone =
    (limits.tokens_per_day !== null && today.tokens >= limits.tokens_per_day) ||
    (dollarsLimit !== null && dollarsUsed >= dollarsLimit);
  return (
    <Panel
      title="Today's budget"
      testId="budget"
      aside={<span className="num text-12 text-muted">{today.day}, UTC</span>}
    >
      <div className="grid gap-x-6 gap-y-2 p-3 sm:grid-cols-2">
        <Meter
          label="Tokens"
          used={tokens(today.tokens)}
          limit={limits.tokens_per_day === null ? null : tokens(limits.tokens_per_day)}
          share={shareOf(today.tokens, limits.tokens_per_day)}
        />
        <Meter
          label="Dollars"
          used={dollarsText(today.dollars)}
          limit={limits.dollars_per_day === null ? null : dollarsText(limits.dollars_per_day)}
          share={shareOf(dollarsUsed, dollarsLimit)}
        />
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 px-3 pb-3 sm:grid-cols-4">
        <Fact label="Model requests">{tokens(today.memos)}</Fact>
        <Fact label="Tokens per signal">
          {limits.tokens_per_signal === null ? 'unlimited' : tokens(limits.tokens_per_signal)}
        </Fact>
        <Fact label="$ per signal">
          {limits.dollars_per_signal === null ? 'unlimited' : dollarsText(limits.dollars_per_signal)}
        </Fact>
        <Fact label="Prices set">{prices.length === 1 ? '1 model' : `${prices.length} models`}</Fact>
      </dl>
      {gone && (
        <p className="border-t border-border bg-warn-bg px-3 py-2 text-warn" data-testid="budget-gone">
          Budget used up: signals continue without memos until the next UTC day or until you raise the budget.
        </p>
      )}
      <p className="border-t border-border px-3 py-2 text-12 text-muted">
        Limits set by {limits.updated_by}, <Moment iso={limits.updated_at} />
      </p>
    </Panel>
  );
}

/** Between 0 and 1; a limit of 0 counts as used up. */
function shareOf(used: number, limit: number | null): number {
  if (limit === null) return 0;
  return limit <= 0 ? 1 : Math.min(1, used / limit);
}

interface MeterProps {
  readonly label: string;
  readonly used: string;
  readonly limit: string | null;
  readonly share: number;
}

function Meter({ label, used, limit, share }: MeterProps) {
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <span>{label}</span>
        <span className="num">
          {used} <span className="text-muted">{limit === null ? 'no limit' : `of ${limit}`}</span>
        </span>
      </div>
      <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div className={cx('h-full', share >= 1 ? 'bg-warn' : 'bg-primary')} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
