import { Client, Pool } from 'pg';
import { ORDER_ROWS_SQL, type OrderRecord, toOrderRow } from '@/server/adapters/postgres/orders/read-order-row';
import type { FeedListener, OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { OutboxMessage } from '@/server/contracts/console/stream';

/** Sequence numbers are taken before commit, so a lower one may appear later: this many are read again. */
const OVERLAP_ROWS = 100;
const CATCH_UP_LIMIT = 2_000;
const REMEMBERED_IDS = 1_000;
const RECONNECT_MS = 1_000;

interface OutboxRow {
  seq: string;
  id: string;
  topic: string;
  subject: string;
}

// The table's column, not the text that is selected under its name: as text 10 comes before 9.
const SELECT_SINCE = `SELECT seq::text AS seq, id::text AS id, topic, subject FROM outbox WHERE seq > $1 ORDER BY outbox.seq LIMIT $2`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Adds to each order event the order's row as it is now. */
async function withOrders(rows: readonly OutboxRow[], pool: Pool): Promise<OutboxMessage[]> {
  const ids = new Set(
    rows.filter((row) => row.topic.startsWith('order.') && UUID.test(row.subject)).map((row) => row.subject),
  );
  if (ids.size === 0) return [...rows];
  const orders = await pool.query<OrderRecord>({ name: 'feed-orders', text: ORDER_ROWS_SQL, values: [[...ids]] });
  const byId = new Map(orders.rows.map((record) => [record.id, toOrderRow(record)]));
  return rows.map((row) => {
    const order = byId.get(row.subject);
    return order === undefined ? row : { ...row, order };
  });
}

class PostgresOutboxFeed implements OutboxFeed {
  private readonly listeners = new Set<FeedListener>();
  private readonly pool: Pool;
  private client: Client | null = null;
  private starting = false;
  private lastSeq: bigint | null = null;
  private seen: string[] = [];
  private seenSet = new Set<string>();
  /** One read at a time; a wake-up during a read asks for another. */
  private draining = false;
  private again = false;

  constructor(private readonly databaseUrl: string) {
    this.pool = new Pool({
      connectionString: databaseUrl,
      max: 2,
      application_name: 'countersign console feed',
      statement_timeout: 10_000,
    });
    this.pool.on('error', () => undefined);
  }

  subscribe(listener: FeedListener): () => void {
    this.listeners.add(listener);
    listener.connected(this.client !== null);
    if (this.client === null && !this.starting) void this.connect();
    return () => this.listeners.delete(listener);
  }

  async since(seq: bigint): Promise<readonly OutboxMessage[] | null> {
    const from = seq > BigInt(OVERLAP_ROWS) ? seq - BigInt(OVERLAP_ROWS) : 0n;
    const { rows } = await this.pool.query<OutboxRow>({
      name: 'feed-since',
      text: SELECT_SINCE,
      values: [from.toString(), CATCH_UP_LIMIT],
    });
    return rows.length === CATCH_UP_LIMIT ? null : await withOrders(rows, this.pool);
  }

  private async connect(): Promise<void> {
    this.starting = true;
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'countersign console listener',
      keepAlive: true,
    });
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      this.client = null;
      this.tell((listener) => listener.connected(false));
      void client.end().catch(() => undefined);
      setTimeout(() => void this.connect(), RECONNECT_MS).unref();
    };
    client.on('error', end);
    client.on('end', end);
    client.on('notification', (message) => {
      if (message.channel === 'outbox') void this.drain();
      else if (message.payload !== undefined && message.payload !== '') this.quote(message.payload);
    });
    try {
      await client.connect();
      await client.query('LISTEN outbox');
      await client.query('LISTEN quotes');
      this.lastSeq ??= await this.newest();
      this.client = client;
      this.starting = false;
      this.tell((listener) => listener.connected(true));
      // What was committed while no connection was listening.
      void this.drain();
    } catch {
      this.starting = false;
      end();
    }
  }

  /** Starts after the existing rows: readers of the tables see those already. */
  private async newest(): Promise<bigint> {
    const { rows } = await this.pool.query<{ seq: string; id: string }>(
      'SELECT seq::text AS seq, id::text AS id FROM outbox ORDER BY outbox.seq DESC LIMIT $1',
      [OVERLAP_ROWS],
    );
    for (const row of rows) this.remember(row.id);
    return BigInt(rows[0]?.seq ?? '0');
  }

  private quote(payload: string): void {
    this.tell((listener) => listener.quote(payload));
  }

  private tell(say: (listener: FeedListener) => void): void {
    for (const listener of this.listeners) say(listener);
  }

  private async drain(): Promise<void> {
    this.again = true;
    // An event may be announced before it is known where to start: connecting reads on from there.
    if (this.draining || this.lastSeq === null) return;
    this.draining = true;
    try {
      while (this.again) {
        this.again = false;
        await this.readNew();
      }
    } catch {
      // The connection's own error handler reconnects and drains again; here the next wake-up retries.
    } finally {
      this.draining = false;
    }
  }

  private async readNew(): Promise<void> {
    const last = this.lastSeq ?? 0n;
    const from = last > BigInt(OVERLAP_ROWS) ? last - BigInt(OVERLAP_ROWS) : 0n;
    const { rows } = await this.pool.query<OutboxRow>({
      name: 'feed-since',
      text: SELECT_SINCE,
      values: [from.toString(), CATCH_UP_LIMIT],
    });
    const newestRow = rows.at(-1);
    if (rows.length === CATCH_UP_LIMIT) this.again = true;
    const fresh = rows.filter((row) => !this.seenSet.has(row.id));
    const messages = await withOrders(fresh, this.pool);
    for (const row of fresh) this.remember(row.id);
    if (newestRow !== undefined && BigInt(newestRow.seq) > last) this.lastSeq = BigInt(newestRow.seq);
    if (messages.length > 0) this.tell((listener) => listener.outbox(messages));
  }

  private remember(id: string): void {
    this.seen.push(id);
    this.seenSet.add(id);
    if (this.seen.length <= REMEMBERED_IDS + CATCH_UP_LIMIT) return;
    for (const old of this.seen.splice(0, this.seen.length - REMEMBERED_IDS)) this.seenSet.delete(old);
  }
}

export function createOutboxFeed(databaseUrl: string): OutboxFeed {
  return new PostgresOutboxFeed(databaseUrl);
}
