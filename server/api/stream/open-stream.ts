import type { OutboxFeed } from '@/server/application/ports/outbox-feed';
import type { Session } from '@/server/auth/session';
import { type Frame, frame, outboxFrame, type StreamHub } from './hub';

/** A page that hears nothing for two of them says that it is cut off. */
const HEARTBEAT_MS = 2_000;
/** A client this far behind is disconnected; it reconnects and catches up from the database. */
const MAX_BACKLOG_BYTES = 1_000_000;

export interface StreamSource {
  readonly hub: StreamHub;
  readonly feed: Pick<OutboxFeed, 'since'>;
  /** Reads the session again; null ends the stream. */
  readonly session: () => Promise<Session | null>;
  readonly now: () => number;
  /** Called once, when the stream ends. */
  readonly onEnd: () => void;
}

/** Sends the events missed since `since`, then live ones. The order of one process's events is preserved. */
export function openStream(source: StreamSource, since: bigint, signal: AbortSignal): ReadableStream<Frame> {
  let close: () => void = () => undefined;
  return new ReadableStream<Frame>(
    {
      start(controller) {
        let closed = false;
        // Live events wait until the missed ones have been sent.
        let waiting: Frame[] | null = [];
        const write = (bytes: Frame) => {
          if (closed) return;
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 0) < 0) close();
        };
        const leave = source.hub.add((bytes) => (waiting === null ? write(bytes) : void waiting.push(bytes)));
        const beat = setInterval(() => void onBeat(), HEARTBEAT_MS);
        const onBeat = async () => {
          const session = await source.session().catch(() => null);
          if (session === null) close();
          else write(frame('beat', JSON.stringify({ serverTime: new Date(source.now()).toISOString() })));
        };
        close = () => {
          if (closed) return;
          closed = true;
          clearInterval(beat);
          leave();
          source.onEnd();
          try {
            controller.close();
          } catch {
            // The client disconnected first.
          }
        };
        signal.addEventListener('abort', close, { once: true });
        void catchUp(source, since, write)
          .then(() => {
            const held = waiting ?? [];
            waiting = null;
            for (const bytes of held) write(bytes);
          })
          .catch(close);
      },
      cancel() {
        close();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG_BYTES }),
  );
}

async function catchUp(source: StreamSource, since: bigint, write: (bytes: Frame) => void): Promise<void> {
  const missed = await source.feed.since(since);
  const serverTime = new Date(source.now()).toISOString();
  write(frame('hello', JSON.stringify({ serverTime, complete: missed !== null })));
  if (!source.hub.connected) write(frame('feed', 'down'));
  for (const message of missed ?? []) write(outboxFrame(message));
}
