import type { RuleHit } from '@/components/trpc/types';

/** Rules that reject before those that ask for a review; otherwise in the order of the gate. */
export function strictestFirst(hits: readonly RuleHit[]): readonly RuleHit[] {
  const rank = ({ tier }: RuleHit) => (tier === 'REJECT' ? 0 : 1);
  return [...hits].sort((a, b) => rank(a) - rank(b));
}

/** The rules that made a decision what it is: those of its own tier. */
export function decisive(evaluation: { readonly decision: string; readonly reasons: readonly RuleHit[] }) {
  return evaluation.reasons.filter(({ tier }) => tier === evaluation.decision);
}
