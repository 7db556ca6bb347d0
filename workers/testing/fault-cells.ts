import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountBooks, ourBooks, Stack, TESTER } from './stack';

/** A venue under the test's control, which a worker reaches with these settings. Its market is open and never closes. */
export interface FaultVenue {
  readonly workerEnv: Readonly<Record<string, string>>;
  /** Holds a symbol at this price. */
  quote(symbol: string, bid: string, ask: string): Promise<void>;
  /** The venue takes the next order, and its reply is lost. */
  loseNextReply(): Promise<void>;
  /** The venue refuses the next cancel; the order works on. */
  refuseNextCancel(): Promise<void>;
  /** The next order that is cancelled fills whole first. */
  fillOnNextCancel(): Promise<void>;
  /** A stop limit order to buy one share, from elsewhere, that does not fill. */
  placeElsewhere(symbol: string): Promise<void>;
  /** Kills the venue and starts it again on what it stored; a venue inside the worker dies with it. */
  restart(): Promise<void>;
  /** Takes back every execution of an order. The paper broker never does. */
  bust?(clientOrderId: string): Promise<void>;
  /** The venue's own record of the account. */
  books(): Promise<AccountBooks>;
  /** Client order ids of every order it ever took, one for each order. */
  clientOrderIds(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'];
const RESTING = '99.5';
const LIMIT_MS = 240_000;

/** What the whole system makes of a broker's faults, whichever adapter speaks to it. */
class Cells {
  constructor(
    readonly stack: Stack,
    readonly venue: FaultVenue,
  ) {}

  /** A system at rest: the gate lets orders through. */
  static async start(open: (stack: Stack) => Promise<FaultVenue>): Promise<Cells> {
    const stack = await Stack.start();
    const venue = await open(stack);
    for (const symbol of SYMBOLS) await venue.quote(symbol, '99.99', '100.01');
    await stack.worker({ ...venue.workerEnv });
    await stack.reconciled();
    return new Cells(stack, venue);
  }

  /** @returns the order's id */
  async place(symbol: string, limitPrice?: string): Promise<string> {
    const placed = await this.stack.place({ symbol, ...(limitPrice === undefined ? {} : { limitPrice }) });
    expect(placed).toMatchObject({ kind: 'PLACED' });
    return placed.orderId;
  }

  async reaches(id: string, status: string): Promise<void> {
    await this.stack.until(`order ${id} to be ${status}`, async () => (await this.stack.status(id)) === status);
  }

  /** An order that works and does not fill. */
  async resting(symbol: string): Promise<string> {
    const id = await this.place(symbol, RESTING);
    await this.reaches(id, 'ACCEPTED');
    return id;
  }

  async cancel(id: string): Promise<void> {
    expect(await this.stack.commands.cancelOrder(TESTER, id, 'test')).toMatchObject({ ok: true });
  }

  async count(from: string, ...values: readonly unknown[]): Promise<number> {
    const { rows } = await this.stack.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, [...values]);
    return rows[0]?.n ?? 0;
  }

  /** Both sides agree on cash and positions, and the venue has each of these orders once. */
  async agreed(...ids: readonly string[]): Promise<void> {
    let sides: readonly AccountBooks[] = [];
    const equal = async () => {
      sides = await Promise.all([ourBooks(this.stack), this.venue.books()]);
      return JSON.stringify(sides[0]) === JSON.stringify(sides[1]);
    };
    await this.stack.until('both sides to agree', equal).catch((error: unknown) => {
      throw new Error(`ours and theirs: ${JSON.stringify(sides)}`, { cause: error });
    });
    const known = await this.venue.clientOrderIds();
    for (const id of ids) expect(known.filter((each) => each === id)).toEqual([id]);
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await this.venue.close();
  }
}

function defineCells(name: string, open: (stack: Stack) => Promise<FaultVenue>): () => Cells {
  let cells: Cells | null = null;
  const started = (): Cells => {
    if (cells === null) throw new Error(`${name} was not started`);
    return cells;
  };
  beforeAll(async () => {
    cells = await Cells.start(open);
  }, LIMIT_MS);
  afterAll(() => cells?.stop());

  it('lost reply: the order is looked up, and sent once', { timeout: LIMIT_MS }, async () => {
    const each = started();
    await each.venue.loseNextReply();
    const id = await each.resting('AAPL');
    // The stream may say that the order was taken before the send has given up.
    const uncertain = `execution_events WHERE order_id = $1 AND type = 'sent' AND data->>'outcome' = 'uncertain'`;
    await each.stack.until('the send to be uncertain', async () => (await each.count(uncertain, id)) === 1);
    await each.agreed(id);
    await each.cancel(id);
    await each.reaches(id, 'CANCELLED');
  });

  it('late fill: an execution that overtakes its cancel is booked', { timeout: LIMIT_MS }, async () => {
    const each = started();
    const id = await each.resting('MSFT');
    await each.venue.fillOnNextCancel();
    await each.cancel(id);
    await each.reaches(id, 'FILLED');
    await each.agreed(id);
  });

  it('refused cancel: the order works on, and the next cancel ends it', { timeout: LIMIT_MS }, async () => {
    const each = started();
    const id = await each.resting('NVDA');
    await each.venue.refuseNextCancel();
    await each.cancel(id);
    const refused = async () => (await each.stack.timeline(id)).includes('cancel_rejected');
    await each.stack.until('the refusal', refused);
    expect(await each.stack.status(id)).toBe('ACCEPTED');
    await each.cancel(id);
    await each.reaches(id, 'CANCELLED');
    await each.agreed(id);
  });

  it('restart: what works survives it, and the next order fills', { timeout: LIMIT_MS }, async () => {
    const each = started();
    const working = await each.resting('SPY');
    await each.venue.restart();
    for (const symbol of SYMBOLS) await each.venue.quote(symbol, '99.99', '100.01');
    await each.stack.reconciled();
    expect(await each.stack.status(working)).toBe('ACCEPTED');
    const next = await each.place('AAPL');
    await each.reaches(next, 'FILLED');
    await each.cancel(working);
    await each.reaches(working, 'CANCELLED');
    await each.agreed(working, next);
  });

  it('odd order: one from elsewhere, of a type not placed here, is adopted with a break', {
    timeout: LIMIT_MS,
  }, async () => {
    const each = started();
    await each.venue.placeElsewhere('AMZN');
    const adopted = `orders o JOIN breaks b ON b.order_id = o.id WHERE o.kind = 'EXTERNAL' AND o.symbol = 'AMZN'
      AND b.cause = 'EXTERNAL_ORDER' AND b.resolved_at IS NULL`;
    await each.stack.until('the adoption', async () => (await each.count(adopted)) === 1);
    expect(await each.stack.place({ symbol: 'AMZN' })).toMatchObject({ code: 'RECONCILIATION_BREAK' });
    await each.agreed();
  });
  return started;
}

/**
 * The faults that every adapter is tried with, in one account.
 * @param busts whether the venue takes executions back
 */
export function describeBrokerFaults(
  name: string,
  open: (stack: Stack) => Promise<FaultVenue>,
  { busts = false }: { readonly busts?: boolean } = {},
): void {
  describe(`${name}: faults of the broker`, () => {
    const started = defineCells(name, open);
    if (!busts) return;

    it('bust: an execution that is taken back leaves the books', { timeout: LIMIT_MS }, async () => {
      const each = started();
      const id = await each.place('NVDA');
      await each.reaches(id, 'FILLED');
      await each.agreed(id);
      if (each.venue.bust === undefined) throw new Error(`${name} cannot take an execution back`);
      await each.venue.bust(id);
      await each.stack.until(
        'the bust',
        async () => (await each.count('fills WHERE order_id = $1 AND busted', id)) > 0,
      );
      expect(await each.count('fills WHERE order_id = $1 AND NOT busted', id)).toBe(0);
      await each.agreed(id);
    });
  });
}
