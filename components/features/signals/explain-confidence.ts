import type { SignalDetail } from '@/components/trpc/types';
import { confidenceOf, confidenceParts } from '@/server/domain/strategy/confidence';
import type { Side } from '@/server/kernel/vocabulary';

export interface ConfidencePart {
  readonly label: string;
  readonly weight: number;
  /** 0 to 1. */
  readonly value: number;
}

const STYLES = ['trend', 'reversion'] as const;

/**
 * The parts that a candidate's confidence follows from: of the style of trade that gives it from its features. Null where
 * it was stated, by a parameter or a client.
 */
export function explainConfidence(
  side: Side,
  confidence: string | null,
  features: SignalDetail['features'],
): readonly ConfidencePart[] | null {
  if (confidence === null || features === null || features.close === null) return null;
  const known = { ...features, close: features.close };
  const style = STYLES.find((candidate) => confidenceOf(side, known, candidate) === Number(confidence));
  if (style === undefined) return null;
  const { agreement, room, volume, calm } = confidenceParts(side, known, style);
  return [
    { label: style === 'trend' ? 'with the trend' : 'against the move', weight: 0.4, value: agreement },
    { label: 'room (RSI)', weight: 0.25, value: room },
    { label: 'volume', weight: 0.2, value: volume },
    { label: 'calm', weight: 0.15, value: calm },
  ];
}
