import { randomUUID } from 'node:crypto';
import { createPool } from '@/server/adapters/postgres/pool';
import type { Commands } from '@/server/application/commands';
import { createCommands } from '@/server/composition/web';
import { orderRequestSchema } from '@/server/contracts/order';
import type { BenchContext } from '../context';
import { OrderBaseline } from '../support/order-baseline';
import { BENCH_ACTOR, orderBody } from '../support/orders';
import { median, medianRatio } from '../support/stats';
import type { Measured } from '../support/table';
import { type NewSignal, TradingData } from '../support/trading-data';

interface Pair {
  readonly subject: number;
  readonly baseline: number;
}

/** Places all signals with so many concurrent clients. @returns orders a second */
async function placeAll(commands: Commands, signals: readonly NewSignal[], clients: number): Promise<number> {
  const waiting = signals.map((signal) => ({ key: randomUUID(), text: JSON.stringify(orderBody(signal)) }));
  let next = 0;
  const client = async () => {
    for (let order = waiting[next++]; order !== undefined; order = waiting[next++]) {
      const request = orderRequestSchema.parse(JSON.parse(order.text));
      const answer = await commands.placeOrder(BENCH_ACTOR, order.key, request);
      if (answer.kind !== 'PLACED') throw new Error(`an order was answered with ${JSON.stringify(answer)}`);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  return (signals.length * 1000) / (performance.now() - started);
}

class PlacingBench {
  private readonly pools;
  private readonly commands: Commands;

  constructor(
    private readonly data: TradingData,
    private readonly baseline: OrderBaseline,
  ) {
    this.pools = {
      main: createPool(data.url, { name: 'bench web', max: 8 }),
      control: createPool(data.url, { name: 'bench control', max: 1 }),
    };
    this.commands = createCommands(this.pools, { codeVersion: 'bench' });
  }

  async subject(orders: number, clients: number): Promise<number> {
    await this.data.settle();
    return placeAll(this.commands, await this.data.signals(orders), clients);
  }

  /** The best that pgbench does with so many clients, on one thread or two. */
  async best(orders: number, clients: number): Promise<number> {
    const threads = clients === 1 ? [1] : [1, 2];
    const figures = [];
    for (const count of threads) figures.push((await this.baseline.run({ orders, clients, threads: count })).perSecond);
    return Math.max(...figures);
  }

  async close(): Promise<void> {
    await Promise.all([this.pools.main.end(), this.pools.control.end()]);
  }
}

/** Durable placing as a bare function, alone, with 8 clients and in bulk, against pgbench with the same statements. */
export async function measurePlacing({ server, options, progress }: BenchContext): Promise<Measured[]> {
  const data = new TradingData(await (await server()).createDatabase('bench_placing'));
  const baseline = new OrderBaseline(data, (await server()).folder);
  const bench = new PlacingBench(data, baseline);
  const orders = options.quick ? 400 : 1200;
  const rounds = options.quick ? 5 : 9;
  const one: Pair[] = [];
  const eight: Pair[] = [];
  const bulk: Pair[] = [];
  try {
    await data.prepare();
    await baseline.prepare();
    await bench.subject(orders, 1);
    await bench.subject(orders, 32);
    await bench.best(orders, 8);
    for (let round = 1; round <= rounds; round += 1) {
      progress(`placing: round ${round} of ${rounds}`);
      // Subjects and baselines in turns, so that a drift of the machine hits both.
      const alone = await bench.subject(orders / 2, 1);
      const single = await bench.best(orders / 2, 1);
      const together = await bench.subject(orders, 8);
      // The account's lock may make eight clients slower than one: then one is the best there is.
      const best = Math.max(single, await bench.best(orders, 8));
      one.push({ subject: alone, baseline: single });
      eight.push({ subject: together, baseline: best });
      bulk.push({ subject: await bench.subject(orders * 2, 32), baseline: best });
    }
  } finally {
    await bench.close();
    await data.close();
  }
  return [
    row('place-1', one, 'pgbench, 1 client', 0.75),
    row('place-8', eight, 'best pgbench', 0.7),
    row('place-bulk', bulk, 'best pgbench', 2),
  ];
}

function row(name: string, pairs: readonly Pair[], baselineName: string, least: number): Measured {
  return {
    row: name,
    figure: median(pairs.map(({ subject }) => subject)),
    baseline: median(pairs.map((pair) => pair.baseline)),
    baselineName,
    ratio: medianRatio(pairs),
    unit: '/s',
    aim: { of: 'ratio', least },
  };
}
