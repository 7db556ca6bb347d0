import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { EventHandler, NewEvent } from '@/server/application/ports/bus';
import type { Clock } from '@/server/kernel/clock';

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'SPY', 'QQQ', 'IWM', 'AMZN', 'GOOG', 'META', 'TSLA', 'ORCL', 'AMD'];

/** Thrown by handlers that are meant to fail. */
export class HandlerFault extends Error {
  override readonly name = 'HandlerFault';
}

/** The machine's own clock. */
export const testClock: Clock = {
  nowMs: () => Date.now(),
  newId: () => randomUUID(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** So many events of a topic, numbered within each of a dozen symbols. */
export function newEvents(topic: string, count: number, from = 0): NewEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const symbol = SYMBOLS[index % SYMBOLS.length] ?? 'AAPL';
    return { id: randomUUID(), topic, subject: symbol, data: { symbol, number: from + index } };
  });
}

/** A handler whose effect is a row of table `effects`, in the transaction of the event. */
export const recordEffect =
  (consumer: string, worker: string): EventHandler =>
  async (event, transaction) => {
    await transaction.query(
      `INSERT INTO effects (consumer, event_id, symbol, number, worker) VALUES ($1, $2, $3::jsonb->>'symbol', ($3::jsonb->>'number')::int, $4)`,
      [consumer, event.id, JSON.stringify(event.data), worker],
    );
  };

export const EFFECTS_TABLE =
  'CREATE TABLE effects (n bigserial, consumer text, event_id uuid, symbol text, number int, worker text)';

/** What a consumer's handler left behind; `outOfOrder` counts effects that came before a lower one of their symbol. */
export async function effects(
  pool: Pool,
  consumer: string,
): Promise<{ total: number; distinct: number; outOfOrder: number; workers: number }> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS total, count(DISTINCT event_id)::int AS distinct, count(DISTINCT worker)::int AS workers,
       (count(*) FILTER (WHERE number < before))::int AS "outOfOrder"
     FROM (SELECT event_id, worker, number, lag(number) OVER (PARTITION BY symbol ORDER BY n) AS before FROM effects WHERE consumer = $1) e`,
    [consumer],
  );
  return rows[0];
}

/** Asks again every 20 ms until `holds`, at most `limitMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
