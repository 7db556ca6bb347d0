import type { ExecutionContext } from '@/server/application/execution-context';
import type { AlertStore } from '@/server/application/ports/alert-store';
import { BrokerError } from '@/server/application/ports/broker';
import type { ExitRequests } from '@/server/application/ports/exit-store';
import type { OrderStore } from '@/server/application/ports/order-store';
import type { ProtectionStore } from '@/server/application/ports/protection-store';
import {
  nextProtectionStep,
  type ProtectionStep,
  type ProtectionView,
  type StopPlacement,
  UNPROTECTED_ALERT_MS,
} from '@/server/domain/protection/next-step';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { monotonicMs } from '@/server/kernel/clock';
import { failpoint } from '@/server/kernel/failpoint';
import { formatUnits, minUnits, type Units } from '@/server/kernel/money';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (protection)',
  correlationId: 'protection',
};

export interface ProtectionParts {
  readonly context: ExecutionContext;
  readonly protection: ProtectionStore;
  readonly orders: Pick<OrderStore, 'requestCancel'>;
  readonly exits: Pick<ExitRequests, 'request'>;
  readonly alerts: AlertStore;
}

/** Keeps the stops working that entries have stated. What a step does is decided by `nextProtectionStep`. One for all workers. */
export class PositionProtection {
  /** Monotonic time since which a symbol has been without its stop. */
  private readonly lacking = new Map<string, number>();
  /** Message of the open alert by symbol; null where it is known that none is open. */
  private readonly alerted = new Map<string, string | null>();

  /** What was missing at the last look, by symbol. */
  private readonly shown = new Map<string, string | null>();

  constructor(private readonly parts: ProtectionParts) {}

  /** Looks at every symbol once. @returns how many are without their stop. @throws SupersededError when the lease has gone */
  async pass(): Promise<number> {
    const { context, protection } = this.parts;
    const symbols = await context.persist(() => protection.read());
    let unprotected = 0;
    for (const view of symbols) {
      const step = nextProtectionStep(view);
      await this.carryOut(view, step);
      await this.announce(view, step);
      await this.watch(view, step);
      if (step.missing !== null) unprotected += 1;
    }
    const known = new Set(symbols.map(({ symbol }) => symbol));
    for (const symbol of this.lacking.keys()) if (!known.has(symbol)) this.lacking.delete(symbol);
    for (const symbol of this.alerted.keys()) if (!known.has(symbol)) await this.resolve(symbol);
    return unprotected;
  }

  private async carryOut({ symbol }: ProtectionView, { cancel, place, exitQty }: ProtectionStep): Promise<void> {
    const { context, orders } = this.parts;
    for (const id of cancel) {
      await context.persist(() =>
        orders.requestCancel(id, ACTOR, `protecting ${symbol}: its stops follow what is held`),
      );
    }
    if (place.length === 0 && exitQty === 0n) return;
    const held = await this.heldAtBroker(symbol);
    if (held === null) return;
    if (exitQty > 0n) await this.close(symbol, minUnits(exitQty, held));
    let left = held;
    for (const stop of place) {
      const qty = minUnits(stop.qty, left);
      left -= qty;
      if (qty > 0n) await this.place(symbol, { ...stop, qty });
    }
  }

  /**
   * Shares that the broker holds and no order of its list would sell: a stop beyond them could open a short. Null where the broker
   * does not answer; the next pass asks again.
   */
  private async heldAtBroker(symbol: string): Promise<Units | null> {
    const { broker, log } = this.parts.context;
    try {
      const position = (await broker.positions()).find((each) => each.symbol === symbol);
      const held = position?.qty ?? 0n;
      return minUnits(held, position?.availableQty ?? held);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      log.warn({ symbol, cause: error.message }, 'a stop waits for the broker');
      return null;
    }
  }

  private async place(symbol: string, stop: StopPlacement): Promise<void> {
    const { context, protection } = this.parts;
    const orderId = context.clock.newId();
    const placed = await context.persist(() => protection.place(context.fence, symbol, orderId, stop));
    failpoint('stop-placed');
    const { entryId, qty, stopPrice } = stop;
    const terms = { symbol, qty: formatUnits(qty), stopPrice: formatUnits(stopPrice) };
    context.log.info({ orderId, entryId, ...terms, placed }, 'protective stop placed');
  }

  /** The market has passed the stop's price: what it would have sold is closed now. */
  private async close(symbol: string, qty: Units): Promise<void> {
    if (qty <= 0n) return;
    const { context, exits } = this.parts;
    const reason = 'the market passed the price of the protective stop before it could work';
    const request = {
      id: context.clock.newId(),
      symbol,
      source: 'STOP',
      qty,
      reason,
      stage: null,
      endsInMs: null,
    } as const;
    await context.persist(() => exits.request(ACTOR, request));
    context.log.warn({ symbol, qty: formatUnits(qty) }, reason);
  }

  private async announce({ symbol }: ProtectionView, { missing }: ProtectionStep): Promise<void> {
    const before = this.shown.get(symbol);
    if (before === missing) return;
    this.shown.set(symbol, missing);
    if (before === undefined && missing === null) return;
    const { context, protection } = this.parts;
    await context.persist(() => protection.changed(symbol));
  }

  /** Alerts a person where a position stays without its stop in market hours (S-4). An exit has an alert of its own. */
  private async watch({ symbol, marketOpen, exiting }: ProtectionView, step: ProtectionStep): Promise<void> {
    const { context, alerts } = this.parts;
    if (step.missing === null || !marketOpen || exiting) {
      this.lacking.delete(symbol);
      if (step.missing === null) await this.resolve(symbol);
      return;
    }
    const nowMs = monotonicMs(context.clock);
    const sinceMs = this.lacking.get(symbol) ?? nowMs;
    this.lacking.set(symbol, sinceMs);
    if (nowMs - sinceMs < UNPROTECTED_ALERT_MS) return;
    const { owedQty, protectedQty, missing } = step;
    const shares = `stops protect ${formatUnits(protectedQty)} of ${formatUnits(owedQty)} shares`;
    const message = `${symbol} is unprotected: ${shares}; it waits for ${missing}`;
    if (this.alerted.get(symbol) === message) return;
    await context.persist(() => alerts.open('UNPROTECTED', symbol, message, {}));
    this.alerted.set(symbol, message);
    context.log.error({ symbol }, message);
  }

  /** One may be open from a holder before this one. */
  private async resolve(symbol: string): Promise<void> {
    const { context, alerts } = this.parts;
    if (this.alerted.get(symbol) === null) return;
    await context.persist(() => alerts.resolve('UNPROTECTED', symbol));
    this.alerted.set(symbol, null);
  }
}
