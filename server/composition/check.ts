import { randomUUID } from 'node:crypto';
import { createPool } from '@/server/adapters/postgres/pool';
import type { CheckTools } from '@/server/application/broker/check-broker';
import { openBroker } from './brokers';
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
  const gateway = openBroker(settings);
  return {
    where: gateway.address,
    tools: {
      broker: gateway.broker,
      marketData: gateway.marketData,
      tradeStream: gateway.tradeStream,
      venue: () => gateway.venue(),
      health: () => gateway.health(),
      announcedLimit: () => gateway.announcedLimit(),
      clock: {
        nowMs: () => Date.now(),
        newId: () => `check-${randomUUID()}`,
        sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
      },
    },
    close: () => gateway.close(),
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
