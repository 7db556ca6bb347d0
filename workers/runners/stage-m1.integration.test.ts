import { afterAll, expect, test } from 'vitest';
import { Stack } from '../testing/stack';

const MINUTE_MS = 60_000;
const HELD = ['AAPL', 'AMZN', 'MSFT', 'NVDA', 'SPY'] as const;
const SIXTH = 'QQQ';
const LIMIT_MS = 60_000;

interface Day {
  readonly name: string;
  /** ISO, UTC. */
  readonly close: string;
  readonly dataStopped: boolean;
}

const DAYS: readonly Day[] = [
  { name: 'full day', close: '2026-11-20T21:00:00Z', dataStopped: false },
  { name: 'half day', close: '2026-11-27T18:00:00Z', dataStopped: false },
  { name: 'half day, data stopped', close: '2026-11-27T18:00:00Z', dataStopped: true },
];

const stacks: Stack[] = [];
const table: string[] = [];

afterAll(async () => {
  if (table.length > 0) console.log(`figures: stage M1\n${table.sort().join('\n')}`);
  await Promise.all(stacks.map((stack) => stack.stop()));
});

const marketMs = async (stack: Stack) =>
  Date.parse((await stack.sim<{ market_time: string }>('GET', '/sim/v1/info')).market_time);

/** The market's time jumps there. Where ingest runs, waits until the gate knows. */
async function jumpTo(stack: Stack, ms: number, seen: boolean): Promise<void> {
  await stack.sim('POST', '/sim/v1/control', { advance_ms: Math.floor(ms - (await marketMs(stack))) });
  if (!seen) return;
  const at = new Date(ms).toISOString();
  await stack.until(
    'the gate to know the time',
    async () =>
      (
        await stack.pool.query(
          'SELECT 1 FROM market_clock c WHERE market_time >= $1 AND (SELECT min(quoted_at) FROM quotes) >= $1',
          [at],
        )
      ).rowCount === 1,
    LIMIT_MS,
  );
}

const positions = async (stack: Stack) =>
  (await stack.sim<{ symbol: string }[]>('GET', '/v2/positions')).map(({ symbol }) => symbol).sort();

/** Until the gate has quotes and features of all, and the broker has filled. */
async function buy(stack: Stack, symbol: string): Promise<void> {
  const last = { outcome: '' };
  await stack.until(
    `${symbol} to be bought`,
    async () => {
      const { kind, codes } = await stack.place({ symbol });
      last.outcome = `${kind} ${codes.join(' ')}`;
      return kind === 'PLACED';
    },
    LIMIT_MS,
  );
}

/** An order below the market, as soon as the gate takes it. @returns its id */
async function rest(stack: Stack, symbol: string, limitPrice: string): Promise<string> {
  let id = '';
  await stack.until(
    'an order that rests',
    async () => {
      const { orderId, kind } = await stack.place({ symbol, limitPrice });
      id = orderId;
      return kind === 'PLACED';
    },
    LIMIT_MS,
  );
  return id;
}

/** @returns what the rule observed */
async function expectRejected(stack: Stack, symbol: string, code: string): Promise<string> {
  const { kind, codes, reasons } = await stack.place({ symbol });
  expect({ kind, codes }).toMatchObject({ kind: 'REJECTED', codes: expect.arrayContaining([code]) });
  return reasons.find((reason) => reason.code === code)?.observed ?? '';
}

interface Sold {
  readonly side: string;
  readonly submitted_at: string;
  readonly filled_at: string;
}

/** Each position was sold by one order, in the last five minutes before the close, and the books know. */
async function expectClosedOnce(stack: Stack, closeMs: number): Promise<void> {
  const closes = () =>
    stack.pool.query<{ symbol: string; status: string; kind: string }>(
      `SELECT o.symbol, o.status, o.kind FROM orders o JOIN exits e ON e.id = o.exit_id WHERE e.source = 'CLOSE' ORDER BY o.symbol`,
    );
  await stack.until(
    'the books to know',
    async () => (await closes()).rows.every(({ status }) => status === 'FILLED'),
    LIMIT_MS,
  );
  const wanted = HELD.map((symbol) => ({ symbol, status: 'FILLED', kind: 'FLATTEN' }));
  expect((await closes()).rows).toEqual(wanted);
  const orders = await stack.sim<Sold[]>('GET', '/v2/orders?status=all&limit=500');
  const sold = orders.filter(({ side }) => side === 'sell');
  expect(sold).toHaveLength(HELD.length);
  for (const { submitted_at, filled_at } of sold) {
    expect(Date.parse(submitted_at)).toBeGreaterThanOrEqual(closeMs - 5 * MINUTE_MS);
    expect(Date.parse(filled_at)).toBeLessThan(closeMs);
  }
}

test.concurrent.each(DAYS)(
  'M1 on a $name: no sixth symbol, no opening 14 minutes before the close, nothing held at the bell',
  { timeout: 240_000 },
  async ({ name, close, dataStopped }) => {
    const closeMs = Date.parse(close);
    const stack = await Stack.start({
      SIMULATOR_HOURS: 'exchange',
      SIMULATOR_START: new Date(closeMs - 60 * MINUTE_MS).toISOString(),
    });
    stacks.push(stack);
    await stack.pool.query(`UPDATE settings SET stage = 'M1_PAPER', version = version + 1`);
    const feed = await stack.worker({}, ['--roles', 'ingest,pipeline']);
    await stack.worker({}, ['--roles', 'execution,portfolio,maintenance']);
    await stack.reconciled(LIMIT_MS);

    for (const symbol of HELD) await buy(stack, symbol);
    await stack.until('five positions', async () => (await positions(stack)).length === HELD.length, LIMIT_MS);
    const resting = await rest(stack, 'AAPL', '150');
    await stack.until('it to rest', async () => (await stack.status(resting)) === 'ACCEPTED', LIMIT_MS);
    if (dataStopped) {
      await feed.end('SIGKILL');
      await stack.until(
        'the gate to know no time any more',
        async () =>
          (
            await stack.pool.query(
              `SELECT 1 FROM market_clock WHERE observed_at < clock_timestamp() - interval '10 seconds'`,
            )
          ).rowCount === 1,
        LIMIT_MS,
      );
    }

    const sixth = await expectRejected(stack, SIXTH, 'STAGE_SYMBOL_LIMIT');
    await jumpTo(stack, closeMs - 14 * MINUTE_MS, !dataStopped);
    const opening = await expectRejected(stack, 'AAPL', 'STAGE_CLOSING');
    expect(sixth).toBe('5');
    if (dataStopped) expect(opening).toBe('unknown');
    else {
      // The market's time goes on until the gate has seen the jump.
      expect(Number(opening)).toBeGreaterThan(14 - (2 * LIMIT_MS) / MINUTE_MS);
      expect(Number(opening)).toBeLessThanOrEqual(14.1);
    }

    await jumpTo(stack, closeMs - 5 * MINUTE_MS - 2_000, false);
    await stack.until('nothing to be held', async () => (await positions(stack)).length === 0, LIMIT_MS);
    const flatMs = await marketMs(stack);
    await stack.until('it to be cancelled', async () => (await stack.status(resting)) === 'CANCELLED', LIMIT_MS);
    await jumpTo(stack, closeMs + MINUTE_MS, false);
    expect(await positions(stack)).toEqual([]);

    await expectClosedOnce(stack, closeMs);
    const before = ((closeMs - flatMs) / MINUTE_MS).toFixed(1);
    const rejected = `sixth symbol: rejected, ${sixth} in use | opening: rejected, ${opening} min to the close`;
    table.push(`${name}, close ${close} | ${rejected} | ${HELD.length} positions: flat ${before} min before it`);
  },
);
