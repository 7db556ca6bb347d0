import { describe, expect, it } from 'vitest';
import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { Session } from '@/server/auth/session';
import type { OutboxMessage } from '@/server/contracts/console/stream';
import { StreamHub } from './hub';
import { openStream } from './open-stream';

const SESSION: Session = { id: 's', userId: 'u', email: 'e', name: 'n', role: 'VIEWER', expiresAtMs: 0 };
const message = (seq: string): OutboxMessage => ({ seq, id: `id-${seq}`, topic: 'order.filled', subject: 's' });

class FakeFeed implements OutboxFeed {
  listener: FeedListener | null = null;
  release: (missed: readonly OutboxMessage[] | null) => void = () => undefined;
  subscribe(listener: FeedListener) {
    this.listener = listener;
    listener.connected(true);
    return () => undefined;
  }
  since() {
    return new Promise<readonly OutboxMessage[] | null>((resolve) => {
      this.release = resolve;
    });
  }
}

function open() {
  const feed = new FakeFeed();
  const hub = new StreamHub(feed);
  const abort = new AbortController();
  const stream = openStream(
    { hub, feed, session: async () => SESSION, now: () => 0, onEnd: () => undefined },
    5n,
    abort.signal,
  );
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  return { feed, hub, abort, reader };
}

async function readUntil(reader: ReadableStreamDefaultReader<string>, end: string): Promise<string> {
  let text = '';
  while (!text.includes(end)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  return text;
}

describe('openStream', () => {
  it('sends what was missed before what happens meanwhile', async () => {
    const { feed, reader } = open();
    feed.listener?.outbox([message('8')]);
    feed.release([message('6'), message('7')]);
    const text = await readUntil(reader, 'id: 8');
    expect([...text.matchAll(/^(?:id: (\d+)|event: (hello))$/gm)].map((match) => match[1] ?? match[2])).toEqual([
      'hello',
      '6',
      '7',
      '8',
    ]);
    expect(text).toContain('"complete":true');
  });

  it('says so when too much was missed to send', async () => {
    const { feed, reader } = open();
    feed.release(null);
    expect(await readUntil(reader, '\n\n')).toContain('"complete":false');
  });

  it('forgets a stream whose reader has gone', async () => {
    const { feed, hub, abort } = open();
    feed.release([]);
    expect(hub.size).toBe(1);
    abort.abort();
    expect(hub.size).toBe(0);
  });

  it('cuts off a reader that does not read', async () => {
    const { feed, hub } = open();
    feed.release([]);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    const big: OutboxMessage = { ...message('9'), subject: 'x'.repeat(600_000) };
    for (let sent = 0; sent < 4; sent++) feed.listener?.outbox([big]);
    expect(hub.size).toBe(0);
  });

  it('tells when the feed has lost the database', async () => {
    const { feed, reader } = open();
    feed.release([]);
    feed.listener?.connected(false);
    expect(await readUntil(reader, 'data: down')).toContain('event: feed');
  });
});
