import path from 'node:path';
import type { BenchContext } from '../context';
import type { Child } from '../support/child';
import { startBrokerAndWorker, startWeb } from '../support/stack';
import type { Measured } from '../support/table';
import { TradingData } from '../support/trading-data';
import { untilAllClosed, untilTrading } from '../support/until';
import { WebClient } from '../support/web-client';

const FIRST = 2_000;
const LAST = 10_000;
/** Signals live an hour; small parts also let the worker keep up. */
const PART = 500;
/** Memory is read in quiet moments, so many times; the least is what is really held. */
const READINGS = 10;
const READING_PAUSE_MS = 1_000;

async function placeMore(data: TradingData, client: WebClient, count: number, progress: (line: string) => void) {
  for (let done = 0; done < count; done += PART) {
    await client.placeAll(await data.signals(PART), 8);
    await untilAllClosed(data.pool);
    progress(`memory: ${done + PART} of ${count} more orders`);
  }
}

async function leastResident(children: readonly Child[]): Promise<number[]> {
  const least = children.map((child) => child.residentMb());
  for (let reading = 1; reading < READINGS; reading += 1) {
    await new Promise((wake) => setTimeout(wake, READING_PAUSE_MS));
    for (const [index, child] of children.entries()) {
      least[index] = Math.min(least[index] ?? Number.POSITIVE_INFINITY, child.residentMb());
    }
  }
  return least;
}

/** Resident memory of web, worker and simulator after 10,000 orders, against after 2,000. Not in quick runs. */
export async function measureMemory({ host, server, options, progress }: BenchContext): Promise<Measured[]> {
  if (options.quick) return [];
  const { createDatabase, folder } = await server();
  const data = new TradingData(await createDatabase('bench_memory'));
  const children: Child[] = [];
  try {
    await data.prepare();
    const web = await startWeb(host, data.url);
    children.push(web.child);
    const { simulator, worker } = await startBrokerAndWorker(host, data.url, path.join(folder, 'memory'));
    children.push(worker, simulator);
    await untilTrading(data.pool);
    const client = await WebClient.create(web.url, data);
    try {
      await placeMore(data, client, FIRST, progress);
      const before = await leastResident(children);
      await placeMore(data, client, LAST - FIRST, progress);
      const after = await leastResident(children);
      return children.map(({ name }, index) => row(name, before[index] ?? Number.NaN, after[index] ?? Number.NaN));
    } finally {
      await client.close();
    }
  } finally {
    for (const child of children) await child.stop();
    await data.close();
  }
}

function row(name: string, before: number, after: number): Measured {
  return {
    row: `memory-${name}`,
    figure: after,
    baseline: before,
    baselineName: `after ${FIRST} orders`,
    ratio: after / before,
    unit: 'MB',
    aim: { of: 'ratio', most: 1.1 },
  };
}
