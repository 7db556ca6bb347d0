import { randomUUID } from 'node:crypto';
import { createAlpacaBroker } from '@/server/adapters/brokers/alpaca/broker';
import { createHttpClient } from '@/server/adapters/brokers/alpaca/client';
import { createAlpacaMarketData } from '@/server/adapters/brokers/alpaca/market-data';
import { createTradeStream } from '@/server/adapters/brokers/alpaca/trade-stream';
import { readVenue } from '@/server/adapters/brokers/alpaca/venue';
import { createPool } from '@/server/adapters/postgres/pool';
import type { CheckTools } from '@/server/application/broker/check-broker';
import { directSettings } from './direct';

type Source = Readonly<Record<string, string | undefined>>;

export interface BrokerCheck {
  readonly tools: CheckTools;
  /** The broker's address, for people. */
  readonly where: string;
  close(): Promise<void>;
}

/** All that a check of the broker needs: its address and keys. @throws EnvError when there are no keys */
export function openBrokerCheck(source: Source = process.env): BrokerCheck {
  const { settings } = directSettings(source);
  const http = createHttpClient(settings);
  return {
    where: settings.tradingUrl,
    tools: {
      broker: createAlpacaBroker(http),
      marketData: createAlpacaMarketData(http, settings),
      tradeStream: createTradeStream(settings, http.monitor),
      venue: () => readVenue(http, settings),
      health: () => http.health(),
      announcedLimit: () => http.announcedLimit(),
      clock: {
        nowMs: () => Date.now(),
        newId: () => `check-${randomUUID()}`,
        sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
      },
    },
    close: () => http.close(),
  };
}

export interface StackNow {
  readonly stage: string;
  /** Workers that beat within the last 15 s. */
  readonly workers: number;
}

/** What the stack says of itself; null without a database that answers. */
export async function readStack(source: Source = process.env): Promise<StackNow | null> {
  const url = source['DATABASE_URL'] ?? '';
  if (url === '') return null;
  const pool = createPool(url, { name: 'cli check', max: 1 });
  try {
    const { rows } = await pool.query<StackNow>(
      `SELECT stage, (SELECT count(*)::int FROM worker_heartbeats WHERE roles <> '{watchdog}' AND beat_at > now() - interval '15 seconds') AS workers
       FROM settings WHERE id = 1`,
    );
    return rows[0] ?? null;
  } catch {
    return null;
  } finally {
    await pool.end();
  }
}
