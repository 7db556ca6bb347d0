import type { ExecutionContext } from '@/server/application/execution-context';
import type { AlertStore } from '@/server/application/ports/alert-store';
import { BrokerError, type BrokerOrder, type BrokerPosition } from '@/server/application/ports/broker';
import type { ExitStore, OpenExit, OpenExits, SymbolOrder } from '@/server/application/ports/exit-store';
import type { OrderStore } from '@/server/application/ports/order-store';
import {
  EXIT_ALERT_MS,
  type ExitPlacement,
  type ExitStep,
  type ExitView,
  nextExitStep,
  WAITS_FOR_MARKET,
} from '@/server/domain/exit/next-step';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { failpoint } from '@/server/kernel/failpoint';
import { formatUnits, type Units } from '@/server/kernel/money';
import { Slots } from '@/server/kernel/semaphore';
import type { ExitOutcome } from '@/server/kernel/vocabulary';

const ACTOR: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (exits)',
  correlationId: 'exits',
};
/** Exits carried on at once. */
const MAX_CONCURRENT = 8;
/** Between two looks, each of which asks the broker: by how long ago the exit that progressed last did so. */
const STUCK_AFTER_MS = 5_000;
const STUCK_PAUSE_MS = 1_000;
const LONG_STUCK_AFTER_MS = 60_000;
const LONG_STUCK_PAUSE_MS = 3_000;

export interface ExitParts {
  readonly context: ExecutionContext;
  readonly exits: ExitStore;
  readonly orders: Pick<OrderStore, 'requestCancel'>;
  readonly alerts: AlertStore;
}

/** What the broker says, read after our side. */
interface BrokerSide {
  readonly marketOpen: boolean;
  /** Null where the list could not be read. */
  readonly open: readonly BrokerOrder[] | null;
  readonly positions: readonly BrokerPosition[];
}

type GoingOn = Extract<ExitStep, { kind: 'go-on' }>;

/** Carries exits on, step by step, until each has ended. What a step does is decided by `nextExitStep`. One for all workers. */
export class Exits {
  private readonly slots = new Slots(MAX_CONCURRENT);
  /** Monotonic time of the last cancel of an order that only the broker lists. */
  private readonly foreignCancels = new Map<string, number>();
  /** Message of the open alert by symbol; null where it is known that none is open. */
  private readonly alerted = new Map<string, string | null>();
  /** Exits that trade without price protection: their alert stays until they end. */
  private readonly warned = new Set<string>();
  private accountConfirmed = false;
  private lookedMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ExitParts) {}

  /** Looks at the open exits, where a look is due. @returns how many are open. @throws SupersededError when the lease has gone */
  async pass(): Promise<number> {
    const { context, exits } = this.parts;
    const ours = await context.persist(() => exits.open());
    await this.resolveOthers(new Set(ours.exits.map(({ symbol }) => symbol)));
    const nowMs = context.clock.nowMs();
    if (ours.exits.length === 0 || nowMs - this.lookedMs < pauseMs(ours.exits)) return ours.exits.length;
    this.lookedMs = nowMs;
    const theirs = await this.askBroker(ours);
    const looked = await Promise.allSettled(
      ours.exits.map((exit) => this.slots.use(() => this.carryOn(exit, ours, theirs))),
    );
    for (const look of looked) if (look.status === 'rejected') throw look.reason;
    return ours.exits.length;
  }

  /** The broker's side of all exits, or why it is not known. The position is read last. */
  private async askBroker(ours: OpenExits): Promise<BrokerSide | string> {
    const { broker } = this.parts.context;
    try {
      const marketOpen = ours.marketOpen ?? (await broker.clock()).isOpen;
      if (!marketOpen) return { marketOpen, open: [], positions: [] };
      const unconfirmed = await this.accountProblem(ours.brokerAccountId);
      if (unconfirmed !== null) return unconfirmed;
      const open = await broker.openOrders().catch((error: unknown) => {
        if (error instanceof BrokerError) return null;
        throw error;
      });
      return { marketOpen, open, positions: await broker.positions() };
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return `the broker to answer (${error.message})`;
    }
  }

  /** nothing is closed at an account that nobody has confirmed. A process keeps its keys, so it asks once. */
  private async accountProblem(confirmed: string | null): Promise<string | null> {
    if (this.accountConfirmed) return null;
    if (confirmed === null) return 'a person to confirm the account';
    const { accountId } = await this.parts.context.broker.account();
    this.accountConfirmed = accountId === confirmed;
    return this.accountConfirmed ? null : `the confirmed account ${confirmed}: the broker shows ${accountId}`;
  }

  private async carryOn(exit: OpenExit, ours: OpenExits, theirs: BrokerSide | string): Promise<void> {
    if (typeof theirs === 'string') return this.note(exit, waiting(theirs), null);
    const view = viewOf(exit, ours, theirs, this.foreign(exit, theirs));
    if (view === null) return this.note(exit, waiting('the list of orders at the broker'), null);
    const step = nextExitStep(view);
    if (step.kind === 'end') return this.end(exit, step.outcome);
    const { context, exits } = this.parts;
    if (!exit.started && !step.idle) {
      await context.persist(() => exits.start(context.fence, exit.id, view.intent.startPrice));
    }
    await this.cancel(exit, step.cancel);
    if (step.place !== null) await this.place(exit, step.place, step.warning);
    return this.note(exit, step, view);
  }

  private async end(exit: OpenExit, outcome: ExitOutcome): Promise<void> {
    const { context, exits } = this.parts;
    await context.persist(() => exits.end(context.fence, exit.id, outcome));
    failpoint('exit-ended');
    context.log.info({ exitId: exit.id, symbol: exit.symbol, outcome }, 'exit ended');
    await this.resolve(exit);
  }

  /** Orders of the symbol that the broker lists and that are not open here. */
  private foreign(exit: OpenExit, { open }: BrokerSide): readonly SymbolOrder[] {
    const known = new Set(
      [...exit.others, ...(exit.own === null ? [] : [exit.own])].flatMap((o) => [o.id, o.externalOrderId]),
    );
    return (open ?? [])
      .filter(({ symbol }) => symbol === exit.symbol)
      .filter(({ clientOrderId, externalOrderId }) => !known.has(clientOrderId) && !known.has(externalOrderId))
      .map((order) => ({
        id: order.externalOrderId,
        side: order.side,
        leaves: (order.qty ?? 0n) - order.filledQty,
        cancelRequested: order.cancelPending,
        cancelFault: null,
        cancelSentAgoMs: this.cancelledAgoMs(order.externalOrderId),
        uncertain: false,
        externalOrderId: order.externalOrderId,
      }));
  }

  private cancelledAgoMs(externalOrderId: string): number | null {
    const atMs = this.foreignCancels.get(externalOrderId);
    return atMs === undefined ? null : this.parts.context.clock.nowMs() - atMs;
  }

  private async cancel(exit: OpenExit, ids: readonly string[]): Promise<void> {
    const { context, orders } = this.parts;
    const ours = new Set([...exit.others, ...(exit.own === null ? [] : [exit.own])].map(({ id }) => id));
    for (const id of ids) {
      if (ours.has(id)) {
        await context.persist(() => orders.requestCancel(id, ACTOR, `closing ${exit.symbol}: ${exit.reason}`));
        continue;
      }
      this.foreignCancels.set(id, context.clock.nowMs());
      const outcome = await context.broker.cancel(id);
      context.log.warn(
        { externalOrderId: id, symbol: exit.symbol, outcome: outcome.kind },
        'cancelled an order of nobody here for an exit',
      );
    }
  }

  private async place(exit: OpenExit, placement: ExitPlacement, warning: string | null): Promise<void> {
    const { context, exits } = this.parts;
    const orderId = placement.queued ?? context.clock.newId();
    const placed = await context.persist(() => exits.place(context.fence, exit, orderId, placement));
    failpoint('exit-placed');
    const { side, qty } = placement;
    context.log.info({ exitId: exit.id, orderId, side, qty: formatUnits(qty), placed }, 'exit order placed');
    if (!placed || warning === null) return;
    this.warned.add(exit.id);
    await this.alert(exit, `${exit.symbol}: ${warning}`);
  }

  /** Stores what the exit waits for, and alerts a person after 5 s without progress. */
  private async note(exit: OpenExit, step: GoingOn, view: ExitView | null): Promise<void> {
    const { context, exits } = this.parts;
    const heldQty = view?.held ?? exit.heldQty;
    const working = view?.others.length ?? exit.working;
    const { waitsFor } = step;
    // The time in which the market was closed does not count.
    const progressed = exit.waitsFor === WAITS_FOR_MARKET || (view !== null && isProgress(exit, view));
    if (
      (progressed && !step.idle) ||
      waitsFor !== exit.waitsFor ||
      heldQty !== exit.heldQty ||
      working !== exit.working
    ) {
      const progress = { waitsFor, progressed, heldQty, working };
      await context.persist(() => exits.note(context.fence, exit.id, progress));
    }
    const agoMs = progressed ? 0 : exit.progressAgoMs;
    if (!step.idle && agoMs >= EXIT_ALERT_MS) {
      await this.alert(exit, `${exit.symbol} is not closed: it waits for ${waitsFor}`);
    } else if (!this.warned.has(exit.id)) {
      await this.resolve(exit);
    }
  }

  private async alert(exit: OpenExit, message: string): Promise<void> {
    const { context, alerts } = this.parts;
    if (this.alerted.get(exit.symbol) === message) return;
    await context.persist(() => alerts.open('EXIT', exit.symbol, message, { exit_id: exit.id }));
    this.alerted.set(exit.symbol, message);
    context.log.error({ exitId: exit.id, symbol: exit.symbol }, message);
  }

  /** Alerts of exits that a person has withdrawn. */
  private async resolveOthers(open: ReadonlySet<string>): Promise<void> {
    for (const symbol of this.alerted.keys()) if (!open.has(symbol)) await this.resolveAlert(symbol);
  }

  private async resolve(exit: OpenExit): Promise<void> {
    this.warned.delete(exit.id);
    await this.resolveAlert(exit.symbol);
  }

  /** One may be open from a holder before this one. */
  private async resolveAlert(symbol: string): Promise<void> {
    const { context, alerts } = this.parts;
    if (this.alerted.get(symbol) === null) return;
    await context.persist(() => alerts.resolve('EXIT', symbol));
    this.alerted.set(symbol, null);
  }
}

function pauseMs(exits: readonly OpenExit[]): number {
  if (exits.some(({ waitsFor }) => waitsFor === null)) return 0;
  if (exits.some(({ waitsFor }) => waitsFor === WAITS_FOR_MARKET)) return STUCK_PAUSE_MS;
  const agoMs = Math.min(...exits.map(({ progressAgoMs }) => progressAgoMs));
  if (agoMs < STUCK_AFTER_MS) return 0;
  return agoMs < LONG_STUCK_AFTER_MS ? STUCK_PAUSE_MS : LONG_STUCK_PAUSE_MS;
}

const waiting = (waitsFor: string): GoingOn => ({
  kind: 'go-on',
  cancel: [],
  place: null,
  waitsFor,
  warning: null,
  idle: false,
});

const size = (qty: Units) => (qty < 0n ? -qty : qty);

/** Fewer shares are held, or fewer other orders work, than at the last look. */
function isProgress(exit: OpenExit, { held, others }: ExitView): boolean {
  return exit.heldQty === null || size(held) < size(exit.heldQty) || others.length < exit.working;
}

/** Both sides of one exit as the decision sees them; null where the broker's list of orders is needed and could not be read. */
function viewOf(
  exit: OpenExit,
  ours: OpenExits,
  { marketOpen, open, positions }: BrokerSide,
  foreign: readonly SymbolOrder[],
): ExitView | null {
  const position = positions.find(({ symbol }) => symbol === exit.symbol);
  const held = marketOpen ? (position?.qty ?? 0n) : (exit.heldQty ?? exit.booked);
  const available = position?.availableQty ?? null;
  // Without the list, only the broker can say which shares an order of somebody else holds.
  if (open === null && available === null && held !== 0n) return null;
  const startPrice = (held < 0n ? exit.quote?.ask : exit.quote?.bid) ?? null;
  return {
    nowMs: ours.nowMs,
    intent: exit.started ? exit.intent : { ...exit.intent, startPrice },
    marketOpen,
    own: exit.own,
    queued: exit.queued,
    others: [...exit.others, ...foreign],
    held,
    available: available === null ? null : size(available),
    booked: exit.booked,
    lastFillAgoMs: exit.lastFillAgoMs,
    quote: exit.quote,
    collarPct: ours.collarPct,
  };
}
