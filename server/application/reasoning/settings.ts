import type { Commands } from '@/server/application/commands';
import type { ReasoningSettingsStore } from '@/server/application/ports/reasoning-store';
import { refuse } from '@/server/kernel/outcome';

type ReasoningCommands = Pick<
  Commands,
  'reasoningSettings' | 'setReasoningLimits' | 'setModelPrice' | 'removeModelPrice'
>;

/** What an administrator does about budgets and prices. They hold from the next memo on. */
export function createReasoningCommands(store: ReasoningSettingsStore): ReasoningCommands {
  return {
    reasoningSettings: () => store.read(),
    async setReasoningLimits(actor, limits) {
      await store.setLimits(actor, limits);
      return { ok: true, settings: await store.read() };
    },
    async setModelPrice(actor, price) {
      await store.setPrice(actor, price);
      return { ok: true, settings: await store.read() };
    },
    async removeModelPrice(actor, model) {
      if (!(await store.removePrice(actor, model))) return refuse('NOT_FOUND', `No price is known for ${model}.`);
      return { ok: true, settings: await store.read() };
    },
  };
}
