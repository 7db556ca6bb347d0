import type { Display } from '@/components/status/tone';
import type { MemoView } from '@/server/contracts/console/memo';
import type { CalibrationVerdict } from '@/server/contracts/console/reasoning';

/** What a memo says, or why there is none. */
export const VERDICT: Record<CalibrationVerdict, Display> = {
  ALLOW: {
    label: 'Allow',
    tone: 'pos',
    glyph: '✓',
    hint: 'Nothing speaks against it: policy decides as it would without',
  },
  ALLOW_WITH_CAUTION: { label: 'Allow with caution', tone: 'warn', glyph: '◇', hint: 'A person must countersign' },
  AVOID: { label: 'Avoid', tone: 'danger', glyph: '▽', hint: 'Better not: a person must countersign' },
  FAILED: {
    label: 'Memo failed',
    tone: 'danger',
    glyph: '✕',
    hint: 'Asked for and not had: a person must countersign',
  },
  DISABLED: { label: 'No memo', tone: 'neutral', glyph: '⊘', hint: 'Not asked for: trading goes on without memos' },
};

/** The recommendation of a memo, or the status of one that is not there. */
export function verdictOf(memo: Pick<MemoView, 'status' | 'recommendation'>): CalibrationVerdict {
  if (memo.status === 'OK') return memo.recommendation ?? 'FAILED';
  return memo.status;
}

/** `earnings_proximity` as words: `Earnings proximity`. */
export function flagText(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who wrote it. The deterministic rules are no model, and say so everywhere. */
export function writerText({ provider, model }: Pick<MemoView, 'provider' | 'model'>): string {
  if (provider === 'rules') return 'rules, no model';
  if (provider === 'none' || provider === '') return 'none';
  return model === '' || model === provider ? provider : `${provider} · ${model}`;
}

/** `1.2 s`, `340 ms`. */
export function millisecondsText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Dollars small as they may be: at least cents, four decimals below a dollar. */
export function dollarsText(value: string | null): string {
  if (value === null) return 'price not known';
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
