import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Clock } from '@/server/kernel/clock';

const RETRY_MS = 500;
const CLOSE_LIMIT_MS = 1_000;

/** A connection that is up. */
export interface Up {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

export interface LinkEvents {
  /** Every time a connection is had: what was known of the server's store must be checked again. */
  connected(): void;
  disconnected(): void;
}

/** The one connection of the process to NATS: made when the server is there, and again whenever it comes back. */
export class NatsLink {
  private current: Up | null = null;
  private lastFault = 'not connected yet';
  private connection: NatsConnection | null = null;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly options: NodeConnectionOptions,
    private readonly clock: Clock,
    private readonly events: LinkEvents,
  ) {
    this.running = this.run();
  }

  /** Null while the server is away. */
  get up(): Up | null {
    return this.current;
  }

  /** Why the server is away; empty while it is there. */
  get fault(): string {
    return this.current === null ? this.lastFault : '';
  }

  async close(): Promise<void> {
    this.stopping.abort();
    // A server that stands still must not hold up the end of the process.
    const closing = this.connection?.close() ?? Promise.resolve();
    await Promise.race([closing.then(() => this.running), this.clock.sleep(CLOSE_LIMIT_MS)]);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        const connection = await connect(this.options);
        this.connection = connection;
        if (this.stopping.signal.aborted) await connection.close();
        else await this.follow(connection);
      } catch (error) {
        // Refused, or no JetStream there: asked again.
        this.lastFault = error instanceof Error ? error.message : String(error);
      }
      this.set(null);
      await this.connection?.close().catch(() => undefined);
      await this.clock.sleep(RETRY_MS, this.stopping.signal);
    }
  }

  /** Until the connection is given up for good. */
  private async follow(connection: NatsConnection): Promise<void> {
    const up = { js: jetstream(connection), jsm: await jetstreamManager(connection, { checkAPI: true }) };
    this.set(up);
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.lastFault = 'the connection was lost';
        this.set(null);
      }
      if (status.type === 'reconnect') this.set(up);
      if (status.type === 'close') return;
    }
  }

  private set(up: Up | null): void {
    const was = this.current;
    this.current = up;
    if (up !== null) this.events.connected();
    else if (was !== null) this.events.disconnected();
  }
}
