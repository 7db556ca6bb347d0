import type { Display } from '@/components/status/tone';
import type { MemoView } from '@/server/contracts/console/memo';
import type { CalibrationVerdict } from '@/server/contracts/console/reasoning';

/** Labels of recommendations, and of missing memos. */
export const VERDICT: Record<CalibrationVerdict, Display> = {
  ALLOW: {
    label: 'Allow',
    tone: 'pos',
    glyph: '✓',
    hint: 'No objection; policy decides as without a memo',
  },
  ALLOW_WITH_CAUTION: { label: 'Allow with caution', tone: 'warn', glyph: '◇', hint: 'Needs approval by a person' },
  AVOID: { label: 'Avoid', tone: 'danger', glyph: '▽', hint: 'Advises against; needs approval by a person' },
  FAILED: {
    label: 'Memo failed',
    tone: 'danger',
    glyph: '✕',
    hint: 'Requested but failed; needs approval by a person',
  },
  DISABLED: { label: 'No memo', tone: 'neutral', glyph: '⊘', hint: 'Not requested; trading continues without memos' },
};

/** The recommendation of a memo, or the status of a missing one. */
export function verdictOf(memo: Pick<MemoView, 'status' | 'recommendation'>): CalibrationVerdict {
  if (memo.status === 'OK') return memo.recommendation ?? 'FAILED';
  return memo.status;
}

/** `earnings_proximity` as words: `Earnings proximity`. */
export function flagText(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The author. The deterministic rules are not a model, and the text says so. */
export function writerText({ provider, model }: Pick<MemoView, 'provider' | 'model'>): string {
  if (provider === 'rules') return 'rules, no model';
  if (provider === 'none' || provider === '') return 'none';
  return model === '' || model === provider ? provider : `${provider} · ${model}`;
}

/** `1.2 s`, `340 ms`. */
export function millisecondsText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Dollars with two decimals, or four below a dollar. */
export function dollarsText(value: string | null): string {
  if (value === null) return 'price unknown';
  const amount = Number(value);
  if (amount === 0) return '$0';
  if (amount < 0.0001) return 'below $0.0001';
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

/** `KEY: the key is refused` as a sentence: `The key is refused.` */
export function faultText(fault: string): string {
  const words = fault.replace(/^[A-Z_]+: /, '').trim();
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
