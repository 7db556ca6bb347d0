import type { Decision } from '@/server/kernel/vocabulary';
import { decisionOf } from './judge';
import type { RuleHit } from './types';

/** The rules that look at a memo. */
const MEMO_RULES: ReadonlySet<string> = new Set(['REASONING_CAUTION', 'REASONING_FAILED']);

export interface VerdictWithoutMemo {
  readonly decision: Decision;
  readonly codes: readonly string[];
}

/**
 * What policy says without the memo. What a memo says reaches two rules and nothing else (no size, no limit), so leaving their hits
 * out is the same as judging without it, which the tests state as a property. Whether a memo is required is not part of the question.
 */
export function withoutMemo({ reasons }: { readonly reasons: readonly RuleHit[] }): VerdictWithoutMemo {
  const remaining = reasons.filter(({ code }) => !MEMO_RULES.has(code));
  return { decision: decisionOf(remaining), codes: remaining.map(({ code }) => code) };
}
