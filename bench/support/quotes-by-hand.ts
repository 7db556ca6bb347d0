import { createClient } from '@redis/client';
import pg from 'pg';
import type { SentQuote } from './quote-source';

/** Storing quotes, and deciding on them, with nothing but the databases' own clients. */
export interface QuotesByHand {
  store(quotes: readonly SentQuote[]): Promise<void>;
  close(): Promise<void>;
}

const UPSERT = `
  INSERT INTO bench_quotes (symbol, bid, ask, at) SELECT symbol, bid, bid + 0.02, at FROM unnest($1::text[], $2::numeric[], $3::float8[]) AS q(symbol, bid, at)
  ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, ask = excluded.ask, at = excluded.at WHERE bench_quotes.at < excluded.at`;

const columns = (quotes: readonly SentQuote[]) => [
  quotes.map(({ symbol }) => symbol),
  quotes.map(({ bid }) => String(bid)),
  quotes.map(({ atMs }) => atMs),
];

export async function quotesInPostgres(url: string): Promise<QuotesByHand> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    'CREATE TABLE IF NOT EXISTS bench_quotes (symbol text PRIMARY KEY, bid numeric(38, 12), ask numeric(38, 12), at float8)',
  );
  return {
    async store(quotes) {
      await client.query({ name: 'upsert', text: UPSERT, values: columns(quotes) });
    },
    close: () => client.end(),
  };
}

export async function quotesInRedis(url: string): Promise<QuotesByHand> {
  const client = createClient({ url });
  await client.connect();
  return {
    async store(quotes) {
      await Promise.all(
        quotes.map((quote) => client.set(`bench:${quote.symbol}`, JSON.stringify({ ...quote, ask: quote.bid + 0.02 }))),
      );
    },
    async close() {
      client.destroy();
    },
  };
}

/** A quote stored and announced, received by another connection, and a row written about it. @returns from quote to row, ms each */
export async function decideByHand(url: string, rounds: number, pauseMs: number): Promise<number[]> {
  const [teller, hearer] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  const latencies: number[] = [];
  await Promise.all([teller.connect(), hearer.connect()]);
  await hearer.query('CREATE TABLE bench_decisions (at float8 PRIMARY KEY, made timestamptz)');
  await hearer.query('LISTEN bench_quotes');
  let decided: () => void = () => undefined;
  hearer.on('notification', ({ payload }) => {
    const atMs = Number(payload);
    hearer
      .query('INSERT INTO bench_decisions VALUES ($1, clock_timestamp())', [atMs])
      .then(() => {
        latencies.push(Date.now() - atMs);
        decided();
      })
      .catch((error: unknown) => console.error(error));
  });
  for (let n = 0; n < rounds; n += 1) {
    const heard = new Promise<void>((done) => {
      decided = done;
    });
    const atMs = Date.now();
    await teller.query({ name: 'upsert', text: UPSERT, values: columns([{ symbol: 'AAPL', atMs, bid: 100 }]) });
    await teller.query(`SELECT pg_notify('bench_quotes', $1)`, [String(atMs)]);
    await heard;
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
  await Promise.all([teller.end(), hearer.end()]);
  return latencies;
}
