import { Client } from 'pg';

export interface ListenEvents {
  notified(channel: string, payload: string): void;
  /** Listening; what was notified before must be looked for. */
  connected(): void;
  disconnected(reason: string): void;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

/** One listening connection, reopened when it breaks. A missed notification loses nothing: every listener also polls. */
export function listen(
  databaseUrl: string,
  channels: readonly string[],
  events: ListenEvents,
): { close(): Promise<void> } {
  let ended = false;
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let backoffMs = FIRST_BACKOFF_MS;

  function again(reason: string): void {
    if (ended || retry !== undefined) return;
    events.disconnected(reason);
    retry = setTimeout(() => {
      retry = undefined;
      start();
    }, backoffMs);
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
  }

  async function connect(): Promise<void> {
    const next = new Client({
      connectionString: databaseUrl,
      application_name: 'countersign listen',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client = next;
    next.on('error', (error) => again(error.message));
    next.on('end', () => again('the connection ended'));
    next.on('notification', ({ channel, payload }) => events.notified(channel, payload ?? ''));
    await next.connect();
    for (const channel of channels) await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
    backoffMs = FIRST_BACKOFF_MS;
    events.connected();
  }

  function start(): void {
    connect().catch((error: unknown) => {
      client?.end().catch(() => undefined);
      again(error instanceof Error ? error.message : String(error));
    });
  }

  start();
  return {
    async close() {
      ended = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
