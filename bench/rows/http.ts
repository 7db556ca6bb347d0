import type { BenchContext } from '../context';
import { OrderBaseline } from '../support/order-baseline';
import type { PgbenchResult } from '../support/pgbench';
import { startWeb } from '../support/stack';
import { median, medianRatio, percentile } from '../support/stats';
import type { Measured } from '../support/table';
import { TradingData } from '../support/trading-data';
import { WebClient } from '../support/web-client';

const CLIENTS = 8;
const BASELINE = 'pgbench, 8 clients';

interface Rounds {
  readonly speeds: { subject: number; baseline: number }[];
  readonly tails: { subject: number; baseline: number }[];
}

/** Places over HTTP. @returns orders a second, and the p99 of their latency, ms */
async function overHttp(data: TradingData, client: WebClient, orders: number) {
  await data.settle();
  const signals = await data.signals(orders);
  const started = performance.now();
  const latencies = await client.placeAll(signals, CLIENTS);
  return { perSecond: (orders * 1000) / (performance.now() - started), p99: percentile(latencies, 0.99) };
}

async function bestBaseline(baseline: OrderBaseline, orders: number): Promise<PgbenchResult> {
  const one = await baseline.run({ orders, clients: CLIENTS, threads: 1, log: true });
  const two = await baseline.run({ orders, clients: CLIENTS, threads: 2, log: true });
  return one.perSecond > two.perSecond ? one : two;
}

/** `POST /v1/orders` of a production web process with 8 kept connections, against pgbench with the same statements. */
export async function measureHttp({ host, server, options, progress }: BenchContext): Promise<Measured[]> {
  const { createDatabase, folder } = await server();
  const data = new TradingData(await createDatabase('bench_http'));
  const baseline = new OrderBaseline(data, folder);
  const orders = options.quick ? 400 : 1200;
  const rounds = options.quick ? 3 : 7;
  const { speeds, tails }: Rounds = { speeds: [], tails: [] };
  try {
    await data.prepare();
    await baseline.prepare();
    const web = await startWeb(host, data.url);
    const client = await WebClient.create(web.url, data);
    try {
      await overHttp(data, client, orders * 2);
      for (let round = 1; round <= rounds; round += 1) {
        progress(`http: round ${round} of ${rounds}`);
        const subject = await overHttp(data, client, orders);
        const best = await bestBaseline(baseline, orders);
        speeds.push({ subject: subject.perSecond, baseline: best.perSecond });
        tails.push({ subject: subject.p99, baseline: percentile(best.latenciesMs, 0.99) });
      }
    } finally {
      await client.close();
      await web.child.stop();
    }
  } finally {
    await data.close();
  }
  return [
    {
      row: 'http-8',
      figure: median(speeds.map(({ subject }) => subject)),
      baseline: median(speeds.map((pair) => pair.baseline)),
      baselineName: BASELINE,
      ratio: medianRatio(speeds),
      unit: '/s',
      aim: { of: 'ratio', least: 0.4 },
    },
    {
      row: 'http-8-p99',
      figure: median(tails.map(({ subject }) => subject)),
      baseline: median(tails.map((pair) => pair.baseline)),
      baselineName: `${BASELINE}, p99`,
      ratio: medianRatio(tails),
      unit: 'ms',
      aim: { of: 'ratio', most: 4 },
    },
  ];
}
