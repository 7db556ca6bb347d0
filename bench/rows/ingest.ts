import path from 'node:path';
import { createClient } from '@redis/client';
import { z } from 'zod';
import { candidateMaker } from '@/server/domain/strategy/candidate';
import { fake } from '@/server/domain/strategy/fake';
import { Engine, haveEngine } from '@/test-support/engines';
import type { BenchContext } from '../context';
import { ListingProxy } from '../support/listing-proxy';
import { frameOf, QuoteSource, type SentQuote, symbolNames, Ticks } from '../support/quote-source';
import { decideByHand, type QuotesByHand, quotesInPostgres, quotesInRedis } from '../support/quotes-by-hand';
import { startBrokerAndWorker } from '../support/stack';
import { percentile } from '../support/stats';
import type { Measured } from '../support/table';
import { TradingData } from '../support/trading-data';
import { untilTrading } from '../support/until';

const SYMBOLS = symbolNames(100);
/** Of a paced run: so many quotes, so often. */
const PACE = { quotes: 10, everyMs: 10 } as const;
/** The last quote sent is stored within this time, or the row fails. */
const STORED_WITHIN_MS = 30_000;
/** The strategy of the clock proposes something this often. */
const STRATEGY = { interval_ms: 500 } as const;

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const priceOf = (n: number) => 100 + (n % 100) / 100;
const batch = (symbols: readonly string[], atMs: number, n: number): SentQuote[] =>
  symbols.map((symbol) => ({ symbol, atMs, bid: priceOf(n) }));

type Kind = 'postgres' | 'redis';

interface Run {
  readonly kind: Kind;
  readonly data: TradingData;
  readonly source: QuoteSource;
  readonly ticks: Ticks;
  readonly byHand: QuotesByHand;
  readonly redisUrl: string | null;
}

/** As fast as they are taken. @returns quotes a second, until the last one is stored */
async function sustained({ data, source, ticks }: Run, rounds: number): Promise<number> {
  const startedMs = performance.now();
  let atMs = 0;
  for (let n = 0; n < rounds; n += 1) {
    atMs = await ticks.next();
    await source.send(frameOf(batch(SYMBOLS, atMs, n)));
  }
  const last = new Date(atMs).toISOString();
  const deadlineMs = performance.now() + STORED_WITHIN_MS;
  for (;;) {
    const { rows } = await data.pool.query<{ there: number }>(
      'SELECT count(*)::int AS there FROM quotes WHERE quoted_at = $1',
      [last],
    );
    const stored = rows[0]?.there ?? 0;
    if (stored === SYMBOLS.length) break;
    if (performance.now() > deadlineMs)
      throw new Error(
        `only ${stored} of ${SYMBOLS.length} last quotes were stored within ${STORED_WITHIN_MS / 1000} s`,
      );
    await sleep(5);
  }
  return (rounds * SYMBOLS.length * 1_000) / (performance.now() - startedMs);
}

async function sustainedByHand({ byHand, ticks }: Run, rounds: number): Promise<number> {
  const startedMs = performance.now();
  const messageSchema = z.array(z.object({ S: z.string(), t: z.string(), bp: z.number() }));
  for (let n = 0; n < rounds; n += 1) {
    const frame = frameOf(batch(SYMBOLS, await ticks.next(), n));
    const quotes = messageSchema.parse(JSON.parse(frame));
    await byHand.store(quotes.map(({ S, t, bp }) => ({ symbol: S, atMs: Date.parse(t), bid: bp })));
  }
  return (rounds * SYMBOLS.length * 1_000) / (performance.now() - startedMs);
}

/** At an even pace. @returns the times of what was sent */
async function paced({ source, ticks }: Run, forMs: number): Promise<number[]> {
  const times: number[] = [];
  const endMs = performance.now() + forMs;
  for (let n = 0; performance.now() < endMs; n += 1) {
    const atMs = await ticks.next();
    const from = (n * PACE.quotes) % SYMBOLS.length;
    await source.send(frameOf(batch(SYMBOLS.slice(from, from + PACE.quotes), atMs, n)));
    times.push(atMs);
    await sleep(PACE.everyMs);
  }
  return times;
}

async function pacedByHand({ byHand, ticks }: Run, forMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const endMs = performance.now() + forMs;
  for (let n = 0; performance.now() < endMs; n += 1) {
    const atMs = await ticks.next();
    await byHand.store(batch(SYMBOLS.slice(0, PACE.quotes), atMs, n));
    latencies.push(Date.now() - atMs);
    await sleep(PACE.everyMs);
  }
  return latencies;
}

/** From a quote's time to its place in Postgres, ms; looks often enough to see most of them. */
function watchPostgres({ data }: Run): () => Promise<number[]> {
  const seen = new Map<string, number>();
  let watching = true;
  const run = (async () => {
    while (watching) {
      const { rows } = await data.pool.query<{ key: string; ms: number }>(
        `SELECT symbol || quoted_at AS key, extract(epoch FROM received_at - quoted_at)::float8 * 1000 AS ms FROM quotes`,
      );
      for (const { key, ms } of rows) seen.set(key, ms);
      await sleep(20);
    }
  })();
  // The first look finds what was stored before.
  return async () => {
    watching = false;
    await run;
    return [...seen.values()].slice(SYMBOLS.length);
  };
}

/** From a quote's time to when Redis tells of it, ms. */
async function watchRedis(url: string): Promise<() => Promise<number[]>> {
  const client = createClient({ url });
  await client.connect();
  const latencies: number[] = [];
  const quoteSchema = z.object({ atMs: z.number() });
  await client.pSubscribe('countersign:*:quotes', (text) => {
    latencies.push(Date.now() - quoteSchema.parse(JSON.parse(text)).atMs);
  });
  return async () => {
    client.destroy();
    return latencies;
  };
}

/** From the quote that a candidate arose from to the gate's decision, ms. */
async function decisions({ data }: Run, times: readonly number[]): Promise<number[]> {
  const candidate = candidateMaker(fake.name, fake.version, fake.params.parse(STRATEGY));
  const proposed = ['AAPL', 'AMZN', 'MSFT', 'NVDA', 'SPY', 'TSLA'];
  const quoteOf = new Map<string, number>();
  for (const atMs of times)
    for (const symbol of proposed)
      quoteOf.set(candidate({ symbol, action: 'BUY', confidence: 0, sizePct: 0, atMs }).signalId, atMs);
  const { rows } = await data.pool.query<{ id: string; at: number }>(
    `SELECT signal_id AS id, extract(epoch FROM min(created_at))::float8 * 1000 AS at FROM policy_evaluations WHERE kind = 'GATE' GROUP BY signal_id`,
  );
  return rows.flatMap(({ id, at }) => {
    const quotedMs = quoteOf.get(id);
    return quotedMs === undefined ? [] : [at - quotedMs];
  });
}

async function measureOne(run: Run, quick: boolean): Promise<Measured[]> {
  const rounds = quick ? 300 : 1_500;
  const forMs = quick ? 10_000 : 30_000;
  await sustained(run, 50);
  const [taken, written] = [await sustained(run, rounds), await sustainedByHand(run, rounds)];
  const stopWatching = run.redisUrl === null ? watchPostgres(run) : await watchRedis(run.redisUrl);
  const times = await paced(run, forMs);
  const stored = await stopWatching();
  await sleep(2_000);
  const decided = await decisions(run, times);
  if (decided.length < 5) throw new Error(`only ${decided.length} decisions were made`);
  const storedByHand = await pacedByHand(run, forMs / 3);
  const decidedByHand = await decideByHand(run.data.url, decided.length, 100);
  const client = run.kind === 'postgres' ? 'pg' : 'redis client';
  const p99 = (values: readonly number[]) => percentile(values, 0.99);
  return [
    {
      row: `ingest-${run.kind}`,
      figure: taken,
      baseline: written,
      baselineName: `${client}, every quote`,
      ratio: taken / written,
      unit: '/s',
      aim: null,
    },
    latency(`ingest-stored-p99-${run.kind}`, p99(stored), p99(storedByHand), `${client}, at 1,000/s`),
    latency(`ingest-decided-p99-${run.kind}`, p99(decided), p99(decidedByHand), 'pg: store, notify, insert'),
  ];
}

const latency = (row: string, figure: number, baseline: number, baselineName: string): Measured => ({
  row,
  figure,
  baseline,
  baselineName,
  ratio: figure / baseline,
  unit: 'ms',
  aim: null,
});

async function measureKind(context: BenchContext, kind: Kind): Promise<Measured[]> {
  const { host, server, options, progress } = context;
  const { createDatabase, folder } = await server();
  progress(`ingest: ${kind}`);
  const data = new TradingData(await createDatabase(`bench_ingest_${kind}`));
  const engines: Engine[] = [];
  const env: Record<string, string> = { STRATEGIES: fake.name };
  const source = await QuoteSource.start();
  let proxy: ListingProxy | null = null;
  try {
    await data.prepare();
    await data.pool.query(
      `INSERT INTO strategy_settings (strategy, symbol, enabled, params, updated_by) VALUES ($1, '*', true, $2, 'bench')`,
      [fake.name, JSON.stringify(STRATEGY)],
    );
    if (kind === 'redis') {
      for (const program of ['redis-server', 'nats-server'] as const) {
        if (!haveEngine(program)) continue;
        const engine = await Engine.prepare(program);
        engines.push(engine);
        await engine.start();
        env[program === 'redis-server' ? 'REDIS_URL' : 'NATS_URL'] = engine.url;
      }
    }
    const redisUrl = env['REDIS_URL'] ?? null;
    const workerEnv = async (brokerUrl: string) => {
      proxy = await ListingProxy.start(brokerUrl, SYMBOLS);
      const streams = { BROKER_STREAM_URL: `${brokerUrl.replace('http', 'ws')}/stream`, MARKET_STREAM_URL: source.url };
      return { ...env, ...streams, BROKER_URL: proxy.url };
    };
    const ingestFolder = path.join(folder, `ingest-${kind}`);
    const { simulator, worker } = await startBrokerAndWorker(host, data.url, ingestFolder, workerEnv);
    const byHand = redisUrl === null ? await quotesInPostgres(data.url) : await quotesInRedis(redisUrl);
    // decideByHand stores in Postgres in both modes.
    if (redisUrl !== null) await (await quotesInPostgres(data.url)).close();
    try {
      await untilTrading(data.pool);
      return await measureOne({ kind, data, source, ticks: new Ticks(), byHand, redisUrl }, options.quick);
    } finally {
      await byHand.close();
      await worker.stop();
      await simulator.stop();
    }
  } finally {
    await source.stop();
    await stopProxy(proxy);
    for (const engine of engines) await engine.remove();
    await data.close();
  }
}

// A function of its own: the compiler does not see that the variable is assigned while the worker starts.
async function stopProxy(proxy: ListingProxy | null): Promise<void> {
  await proxy?.stop();
}

/**
 * Market data in, with every role of a worker running: quotes a second, and from a quote to its place in the store and to the
 * gate's decision about a strategy's candidate, on Postgres alone and on Redis and NATS where those are installed.
 */
export async function measureIngest(context: BenchContext): Promise<Measured[]> {
  const rows = await measureKind(context, 'postgres');
  return haveEngine('redis-server') ? [...rows, ...(await measureKind(context, 'redis'))] : rows;
}
