import type { JsonValue } from '@/server/kernel/canonical-json';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { Side } from '@/server/kernel/vocabulary';
import { uuidFromText } from './signal-id';
import type { SignalCandidate } from './types';

/** What a strategy decided; the rest of the candidate follows from who it is. */
export interface Proposal {
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: number;
  readonly sizePct: number;
  readonly atMs: number;
}

/** Makes the candidates of one run: name, version and parameters go into every id. */
export function candidateMaker(
  name: string,
  version: string,
  params: JsonValue,
): (proposal: Proposal) => SignalCandidate {
  const identity = `${name}\n${version}\n${canonicalJson(params)}`;
  return ({ symbol, action, confidence, sizePct, atMs }) => ({
    signalId: uuidFromText(`${identity}\n${symbol}\n${atMs}`),
    strategy: name,
    strategyVersion: version,
    symbol,
    action,
    confidence: Math.round(confidence * 1e4) / 1e4,
    sizePct,
    atMs,
  });
}
