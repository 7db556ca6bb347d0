import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine, haveEngine } from '@/test-support/engines';
import { Stack } from '@/workers/testing/stack';
import { figures } from './support/figures';
import { judgementsOf, type Play, playedOf, startPlay, waitForMarket } from './support/played-day';
import { openRecording } from './support/recording';

/** `COUNTERSIGN_FULL=1` plays the whole session; otherwise a slice of it. */
const FULL = process.env['COUNTERSIGN_FULL'] === '1';
const SPEED = 60;
const MINUTE_MS = 60_000;
const START = FULL ? '2011-01-03T14:30:00Z' : '2011-01-03T15:00:00Z';
/** Market minutes that are compared, from when every stack sees the market live. */
const MINUTES = FULL ? 330 : 25;
/** When the engines die, in market minutes from then. */
const DEATH = FULL ? 100 : 5;
const AWAY_MS = 8_000;
/** Fewer would prove little. */
const LEAST_SIGNALS = FULL ? 100 : 15;
const LIMIT_MS = (MINUTES / SPEED) * MINUTE_MS + 3 * MINUTE_MS;

const here = haveEngine('nats-server') && haveEngine('redis-server');

describe.runIf(here)('the same recorded session on different engines', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-engines-'));
  const recording = openRecording(folder);
  const plays: Play[] = [];
  const stacks: Stack[] = [];
  const engines: Engine[] = [];
  const mortal: Engine[] = [];

  const engine = async (program: 'nats-server' | 'redis-server') => {
    const made = await Engine.prepare(program);
    engines.push(made);
    await made.start();
    return made;
  };

  beforeAll(async () => {
    const [nats, redis, dyingNats, dyingRedis] = await Promise.all([
      engine('nats-server'),
      engine('redis-server'),
      engine('nats-server'),
      engine('redis-server'),
    ]);
    mortal.push(dyingNats, dyingRedis);
    const start = async () => {
      stacks.push(
        await Stack.start({
          SIMULATOR_BARS: recording.file,
          SIMULATOR_BARS_SYMBOL: 'SPY',
          SIMULATOR_SPEED: String(SPEED),
          SIMULATOR_SPREAD: '0.02',
          SIMULATOR_QUOTE_MS: '',
          SIMULATOR_START: START,
        }),
      );
    };
    await Promise.all([start(), start(), start()]);
    const [alone, shared, dying] = stacks;
    if (alone === undefined || shared === undefined || dying === undefined) throw new Error('three stacks');
    plays.push(
      ...(await Promise.all([
        startPlay('Postgres alone', alone, {}),
        startPlay('NATS and Redis', shared, { NATS_URL: nats.url, REDIS_URL: redis.url }),
        startPlay('NATS and Redis killed', dying, { NATS_URL: dyingNats.url, REDIS_URL: dyingRedis.url }),
      ])),
    );
  }, 120_000);

  afterAll(async () => {
    await Promise.all(stacks.map((each) => each.stop()));
    await Promise.all(engines.map((each) => each.remove()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function killEngines(play: Play, fromMs: number): Promise<void> {
    await waitForMarket(play.stack, fromMs + DEATH * MINUTE_MS, LIMIT_MS);
    await Promise.all(mortal.map((each) => each.end('SIGKILL')));
    for (const each of mortal) each.deleteStore();
    await new Promise((wake) => setTimeout(wake, AWAY_MS));
    await Promise.all(mortal.map((each) => each.start()));
  }

  test('gives the same bars, features and candidates; engines that die cost at most rejections of stale data', {
    timeout: LIMIT_MS + 2 * MINUTE_MS,
  }, async () => {
    const [alone, shared, dying] = plays;
    if (alone === undefined || shared === undefined || dying === undefined) throw new Error('three plays');
    const fromMs = Math.max(...plays.map(({ liveFromMs }) => liveFromMs));
    const untilMs = fromMs + MINUTES * MINUTE_MS;
    await Promise.all([
      killEngines(dying, fromMs),
      ...plays.map(({ stack }) => waitForMarket(stack, untilMs + 2 * MINUTE_MS, LIMIT_MS)),
    ]);
    const [first, second, third] = await Promise.all(plays.map(({ stack }) => playedOf(stack, fromMs, untilMs)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three plays');
    expect(first.signals.length).toBeGreaterThanOrEqual(LEAST_SIGNALS);
    expect(second).toEqual(first);
    expect(third).toEqual(first);

    const judged = await Promise.all(plays.map(({ stack }) => judgementsOf(stack, first.signals)));
    const [calm, , disturbed] = judged;
    if (calm === undefined || disturbed === undefined) throw new Error('three plays');
    const other = first.signals.filter(({ id }) => disturbed.get(id) !== calm.get(id));
    // At this speed a machine that stops for half a second makes data stale, also where no engine died.
    const stale = other.filter(({ id }) => [calm, disturbed].some((each) => each.get(id)?.includes('DATA_STALE')));
    figures(`the same session on two engines at ${SPEED}×, ${recording.what}`, {
      minutes: Math.round((untilMs - fromMs) / MINUTE_MS),
      bars: first.bars.length,
      signals: first.signals.length,
      judged: calm.size,
      equal: first.signals.length - other.length,
      stale: stale.length,
      away_ms: AWAY_MS,
    });
    expect(other.map(({ id }) => ({ id, calm: calm.get(id), disturbed: disturbed.get(id) }))).toEqual(
      stale.map(({ id }) => ({ id, calm: calm.get(id), disturbed: disturbed.get(id) })),
    );
  });
});
