import { formatAmount, formatPct, formatQty, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { PolicyBody } from '@/server/contracts/policy-body';
import type { RuleText } from './rules';

type DrawdownLatch = NonNullable<PolicyBody['drawdown_latch']>;

/** What ends a stop for drawdown, in words (P-14). */
const LATCH: Readonly<Record<DrawdownLatch, string>> = {
  session: "The next session's open",
  person: 'A release by a person',
  from_m2: "Next session's open; from M2 a release",
};

const isLatch = (text: string): text is DrawdownLatch => Object.hasOwn(LATCH, text);

/** A setting of the active policy as text; `—` where the rule or the policy has none. */
export function thresholdText(
  body: Readonly<Record<string, unknown>>,
  field: string | null,
  unit: RuleText['unit'],
): string {
  const value = field === null ? undefined : body[field];
  if (value === undefined || value === null) return NONE;
  const text = String(value);
  switch (unit) {
    case 'share':
      return formatPct(text);
    case 'seconds':
      return formatDuration(Number(text));
    case 'count':
      return formatQty(text);
    case 'money':
      return `$${formatAmount(text)}`;
    case 'list':
      return Array.isArray(value) ? value.join(', ') : text;
    case 'latch':
      return isLatch(text) ? LATCH[text] : text;
    case 'memo':
      return value === true ? 'Reviewed by a person' : 'Allowed';
    case 'number':
      return text;
    case 'none':
      return NONE;
  }
}
