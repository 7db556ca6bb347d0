import { formatAmount, formatPct, formatQty, NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { RuleText } from './rules';

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
    case 'number':
      return text;
    case 'none':
      return NONE;
  }
}
