import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createPool } from '@/server/adapters/postgres/pool';
import { createCommands } from '@/server/composition/web';
import type { BenchContext } from '../context';
import { OrderBaseline } from '../support/order-baseline';
import { BENCH_ACTOR, orderOf } from '../support/orders';
import { seeded } from '../support/random';
import { startBrokerAndWorker } from '../support/stack';
import { percentile } from '../support/stats';
import type { Measured } from '../support/table';
import { TradingData } from '../support/trading-data';
import { untilAllClosed, untilTrading } from '../support/until';

/** Orders a second: what a busy team sends, and far from saturating anything. */
const RATE = 20;

const epochMs = () => performance.timeOrigin + performance.now();
const sleepUntil = (atMs: number) => new Promise((wake) => setTimeout(wake, Math.max(0, atMs - epochMs())));

/** Places at random times at the rate, as pgbench does. @returns from signal to the broker's acceptance, each in ms */
async function signalsToBroker(data: TradingData, orders: number): Promise<number[]> {
  const pools = {
    main: createPool(data.url, { name: 'bench web', max: 8 }),
    control: createPool(data.url, { name: 'bench control', max: 1 }),
  };
  const commands = createCommands(pools, { codeVersion: 'bench' });
  const random = seeded(3);
  const signalledAt = new Map<string, number>();
  const signals = await data.signals(orders);
  const placing: Promise<void>[] = [];
  let dueMs = epochMs();
  try {
    for (const signal of signals) {
      dueMs += (-Math.log(1 - random()) * 1000) / RATE;
      await sleepUntil(dueMs);
      // From when it was due: a late start is part of the latency, as in pgbench.
      signalledAt.set(signal.id, dueMs);
      const placed = commands.placeOrder(BENCH_ACTOR, randomUUID(), orderOf(signal));
      placing.push(
        placed.then((answer) => {
          if (answer.kind !== 'PLACED') throw new Error(`an order was answered with ${JSON.stringify(answer)}`);
        }),
      );
    }
    await Promise.all(placing);
    await untilAllClosed(data.pool);
  } finally {
    await Promise.all([pools.main.end(), pools.control.end()]);
  }
  const { rows } = await data.pool.query<{ signal_id: string; accepted: number | null }>(
    `SELECT signal_id, extract(epoch FROM accepted_at)::float8 * 1000 AS accepted FROM orders WHERE signal_id = ANY ($1)`,
    [signals.map(({ id }) => id)],
  );
  return rows.map(({ signal_id, accepted }) => {
    const from = signalledAt.get(signal_id);
    if (accepted === null || from === undefined) throw new Error(`the order of signal ${signal_id} was never accepted`);
    return accepted - from;
  });
}

/** From a signal to the broker's acceptance through worker and simulator, against pgbench's latency at the same rate. */
export async function measureAcceptance({ host, server, options, progress }: BenchContext): Promise<Measured[]> {
  const { createDatabase, folder } = await server();
  const orders = options.quick ? 160 : 600;
  const paced = new TradingData(await createDatabase('bench_paced'));
  const data = new TradingData(await createDatabase('bench_acceptance'));
  try {
    progress('signal to broker: pgbench at the same rate');
    await paced.prepare();
    const baseline = new OrderBaseline(paced, folder);
    await baseline.prepare();
    const paces = await baseline.run({ orders, clients: 8, threads: 1, rate: RATE, log: true });
    await data.prepare();
    progress('signal to broker: worker and simulator');
    const { simulator, worker } = await startBrokerAndWorker(host, data.url, path.join(folder, 'acceptance'));
    try {
      await untilTrading(data.pool);
      await signalsToBroker(data, 40);
      const latencies = await signalsToBroker(data, orders);
      return [0.5, 0.99].map((share) => row(share, latencies, paces.latenciesMs));
    } finally {
      await worker.stop();
      await simulator.stop();
    }
  } finally {
    await data.close();
    await paced.close();
  }
}

function row(share: number, latencies: readonly number[], paces: readonly number[]): Measured {
  const figure = percentile(latencies, share);
  const baseline = percentile(paces, share);
  const name = `p${share * 100}`;
  return {
    row: `signal-to-broker-${name}`,
    figure,
    baseline,
    baselineName: `pgbench at ${RATE}/s, ${name}`,
    ratio: figure / baseline,
    unit: 'ms',
    aim: null,
  };
}
