import type { SignalStore } from '@/server/application/ports/signal-store';
import type { GenerateSignalRequest, SignalCandidate } from '@/server/contracts/signals';
import type { Actor } from '@/server/kernel/actor';
import { type Outcome, refuse } from '@/server/kernel/outcome';
import { proposeNow } from './propose-now';

/** How long a candidate made on demand may become an order. */
const SIGNAL_TTL_MS = 15 * 60_000;

export type GenerateSignal = (
  actor: Actor,
  request: GenerateSignalRequest,
) => Promise<Outcome<{ candidate: SignalCandidate }>>;

/** `POST /v1/signals/generate`: runs a deterministic strategy now and stores what it proposes. Orders nothing. */
export function createGenerateSignal(store: SignalStore, newId: () => string): GenerateSignal {
  return async (actor, { strategy, symbol }) => {
    const market = await store.market(symbol);
    if (market === null) return refuse('INVALID', `there is no market data for ${symbol}`);
    const proposal = proposeNow(strategy, symbol, market.marketMs);
    if (proposal === null) return refuse('CONFLICT', `${strategy} proposes nothing for ${symbol} at this moment`);
    await store.store({
      id: proposal.signalId,
      eventId: newId(),
      strategy: proposal.strategy,
      modelVersion: proposal.strategyVersion,
      symbol,
      action: proposal.action,
      confidence: proposal.confidence,
      sizePct: proposal.sizePct,
      principalId: actor.principalId,
      atMs: market.nowMs,
      expiresAtMs: market.nowMs + SIGNAL_TTL_MS,
    });
    const candidate = {
      signal_id: proposal.signalId,
      symbol,
      candidate_action: proposal.action,
      confidence: proposal.confidence,
      size_pct: proposal.sizePct,
      model_version: proposal.strategyVersion,
    };
    return { ok: true, candidate };
  };
}
