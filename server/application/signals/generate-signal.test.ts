import { describe, expect, it } from 'vitest';
import type { NewSignal, SignalStore } from '@/server/application/ports/signal-store';
import { signalCandidateSchema } from '@/server/contracts/signals';
import type { Actor } from '@/server/kernel/actor';
import { createGenerateSignal } from './generate-signal';

const ACTOR: Actor = { kind: 'token', principalId: 'u1', name: 'test', correlationId: 'c1' };
const NOW = Date.UTC(2026, 0, 5, 15);

function setUp(quoted: readonly string[]) {
  const stored: NewSignal[] = [];
  const store: SignalStore = {
    market: async (symbol) => (quoted.includes(symbol) ? { nowMs: NOW, marketMs: NOW - 60_000 } : null),
    store: async (signal) => void stored.push(signal),
  };
  return { stored, generate: createGenerateSignal(store, () => 'event-1') };
}

describe('a signal on demand', () => {
  it.each(['AAPL', 'MSFT', 'ZM'])('is what the strategy proposes for %s, stored as the caller’s', async (symbol) => {
    const { stored, generate } = setUp([symbol]);
    const outcome = await generate(ACTOR, { strategy: 'fake', symbol });
    const candidate = signalCandidateSchema.parse(outcome.ok ? outcome.candidate : outcome);
    expect(candidate.symbol).toBe(symbol);
    expect(stored).toMatchObject([{ id: candidate.signal_id, symbol, principalId: 'u1', strategy: 'fake', atMs: NOW }]);
    expect(stored[0]?.expiresAtMs).toBeGreaterThan(NOW);
  });

  it('is the same at the same market time', async () => {
    const { generate } = setUp(['AAPL']);
    expect(await generate(ACTOR, { strategy: 'fake', symbol: 'AAPL' })).toEqual(
      await generate(ACTOR, { strategy: 'fake', symbol: 'AAPL' }),
    );
  });

  it('is refused for a symbol without market data, and nothing is stored', async () => {
    const { stored, generate } = setUp(['AAPL']);
    expect(await generate(ACTOR, { strategy: 'fake', symbol: 'NOPE' })).toMatchObject({ ok: false, code: 'INVALID' });
    expect(stored).toEqual([]);
  });
});
