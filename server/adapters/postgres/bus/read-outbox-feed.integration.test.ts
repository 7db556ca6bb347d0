import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { OutboxMessage } from '@/server/contracts/console/stream';
import { ACTOR, createTradingFixture, orderFor, SYMBOLS, type TradingFixture } from '@/test-support/trading-fixture';
import { createOutboxFeed } from './read-outbox-feed';

/** Collects what a feed tells, and waits for it. */
class Collector implements FeedListener {
  readonly messages: OutboxMessage[] = [];
  readonly quotes: string[] = [];
  up = false;
  private waiters: (() => void)[] = [];
  outbox(messages: readonly OutboxMessage[]) {
    this.messages.push(...messages);
    this.wake();
  }
  quote(payload: string) {
    this.quotes.push(payload);
    this.wake();
  }
  connected(up: boolean) {
    this.up = up;
    this.wake();
  }
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }
  private wake() {
    const waiting = this.waiters;
    this.waiters = [];
    for (const resolve of waiting) resolve();
  }
}

describe('the outbox feed', () => {
  let fixture: TradingFixture;
  let feed: OutboxFeed;
  const heard = new Collector();
  const insert = (topic: string, subject: string) =>
    fixture.pool.query(`INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), $1, $2, '{}')`, [
      topic,
      subject,
    ]);

  beforeAll(async () => {
    fixture = await createTradingFixture();
    await insert('signal.candidate.created', 'before');
    feed = createOutboxFeed(fixture.database.url);
    feed.subscribe(heard);
    await heard.until(() => heard.up);
  });
  afterAll(() => fixture.close());

  it('tells what is committed from now on, not what was there', async () => {
    await insert('signal.candidate.created', 'after');
    await heard.until(() => heard.messages.length > 0);
    expect(heard.messages.map((message) => message.subject)).toEqual(['after']);
  });

  it('tells nothing of before where an event is announced while it connects', async () => {
    const late = new Collector();
    let announcing = true;
    const announced = (async () => {
      while (announcing) await fixture.pool.query(`SELECT pg_notify('outbox', '')`);
    })();
    createOutboxFeed(fixture.database.url).subscribe(late);
    await late.until(() => late.up);
    await insert('signal.candidate.created', 'later');
    await late.until(() => late.messages.some(({ subject }) => subject === 'later'));
    announcing = false;
    await announced;
    expect(late.messages.map(({ subject }) => subject)).toEqual(['later']);
  });

  it('starts at the newest event where their numbers have just become longer', async () => {
    await fixture.pool.query(`SELECT setval(pg_get_serial_sequence('outbox', 'seq'), 950)`);
    await fixture.pool.query(
      `INSERT INTO outbox (id, topic, subject, data) SELECT gen_random_uuid(), 'signal.candidate.created', 'old', '{}' FROM generate_series(1, 150)`,
    );
    const late = new Collector();
    createOutboxFeed(fixture.database.url).subscribe(late);
    await late.until(() => late.up);
    await insert('signal.candidate.created', 'new');
    await late.until(() => late.messages.some(({ subject }) => subject === 'new'));
    expect(late.messages.map(({ subject }) => subject)).toEqual(['new']);
  });

  it("brings an order's row with its event", async () => {
    const signalId = await fixture.signal({ symbol: SYMBOLS[0], confidence: 0.9 });
    const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, { symbol: SYMBOLS[0] }));
    expect(answer.kind).toBe('PLACED');
    await heard.until(() => heard.messages.some((message) => message.order !== undefined));
    const order = heard.messages.find((message) => message.order !== undefined)?.order;
    expect(order).toMatchObject({
      symbol: SYMBOLS[0],
      signalId,
      qty: '1',
      status: 'NEW',
      leavesQty: '1',
      avgPrice: null,
    });
  });

  it('tells an event once that committed after later ones', async () => {
    const slow = await fixture.pool.connect();
    await slow.query('BEGIN');
    await slow.query(
      `INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'break.opened', 'slow', '{}')`,
    );
    await insert('break.opened', 'fast');
    await heard.until(() => heard.messages.some((message) => message.subject === 'fast'));
    await slow.query('COMMIT');
    slow.release();
    await heard.until(() => heard.messages.some((message) => message.subject === 'slow'));
    await insert('break.opened', 'last');
    await heard.until(() => heard.messages.some((message) => message.subject === 'last'));
    const subjects = heard.messages
      .filter((message) => message.topic === 'break.opened')
      .map((message) => message.subject);
    expect(subjects).toEqual(['fast', 'slow', 'last']);
  });

  it('passes quotes on as they are notified', async () => {
    await fixture.pool.query(`SELECT pg_notify('quotes', '{"symbol":"SPY"}')`);
    await heard.until(() => heard.quotes.length > 0);
    expect(heard.quotes).toEqual(['{"symbol":"SPY"}']);
  });

  it('reads what was missed since an event', async () => {
    const all = await feed.since(0n);
    expect(all?.map((message) => message.subject)).toEqual(
      expect.arrayContaining(['before', 'after', 'fast', 'slow', 'last']),
    );
  });

  it('connects again and tells what was committed meanwhile', async () => {
    await fixture.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'countersign console listener' AND datname = current_database()`,
    );
    await heard.until(() => !heard.up);
    await insert('break.resolved', 'meanwhile');
    await heard.until(() => heard.messages.some((message) => message.subject === 'meanwhile'));
    expect(heard.up).toBe(true);
  });
});
