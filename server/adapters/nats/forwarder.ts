import type { JetStreamManager, PubAck, StreamInfo } from '@nats-io/jetstream';
import type { EventLog, StreamRecord as Known } from '@/server/application/ports/event-log';
import type { Fence } from '@/server/application/ports/lease';
import { type CloudEvent, cloudEventSchema } from '@/server/contracts/event';
import { failpoint } from '@/server/kernel/failpoint';
import type { Up } from './link';
import { createStream, deleteStream, findStream, streamName, subjectOf, updateStream } from './stream';

/** What we know of the stream, and the id of its newest event; null while we have put none into it. */
interface StreamRecord extends Known {
  readonly lastId: string | null;
}

/** Publications under way at once. */
const BATCH = 100;
const ACK_LIMIT_MS = 3_000;

/**
 * Copies published events from the outbox to the stream, in order. JetStream acknowledges before its disk has an event and
 * may lose its store altogether: the outbox stays the truth. Every publication says which event and which sequence number
 * must come before it, so that a hole, a second forwarder and a stream that is not the one we knew are refused by the
 * server itself.
 */
export class Forwarder {
  private record: StreamRecord | null = null;
  private replacedCount = 0;
  private behindCount: number | null = null;

  constructor(
    private readonly log: EventLog,
    private readonly onReplaced: (record: StreamRecord) => void,
  ) {}

  get replaced(): number {
    return this.replacedCount;
  }

  /** Published events that the stream has not got; null before the stream was looked at. */
  get behind(): number | null {
    return this.behindCount;
  }

  /** The stream must be looked at before anything more is published to it. */
  forget(): void {
    this.record = null;
    this.behindCount = null;
  }

  /** @returns how many were copied. @throws SupersededError, or what the server refused with */
  async forward(up: Up, fence: Fence): Promise<number> {
    try {
      this.record ??= await this.examine(up.jsm, fence);
      return await this.copy(up, fence, this.record);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private async copy(up: Up, fence: Fence, record: StreamRecord): Promise<number> {
    const events = await this.log.after(record.forwarded, BATCH);
    const newest = events.at(-1);
    this.behindCount = newest === undefined ? 0 : events.length;
    if (newest === undefined) return 0;
    const acks = await Promise.allSettled(
      events.map((event, index) =>
        publish(up, record.deployment, event, record.lastSeq + index, events[index - 1]?.id ?? record.lastId),
      ),
    );
    failpoint('relay-forwarded');
    const failed = acks.findIndex((ack) => ack.status === 'rejected');
    const copied = failed === -1 ? events.length : failed;
    const last = events[copied - 1];
    if (last !== undefined)
      await this.save(fence, {
        ...record,
        forwarded: BigInt(last.position),
        lastSeq: record.lastSeq + copied,
        lastId: last.id,
      });
    const refusal = acks[failed];
    if (refusal?.status === 'rejected') throw refusal.reason;
    this.behindCount = 0;
    return copied;
  }

  private async save(fence: Fence, record: StreamRecord): Promise<void> {
    await this.log.saveStream(fence, record);
    this.record = record;
  }

  /** What the server has against what we know to have given it. A stream that is not ours to the last event is made again. */
  private async examine(jsm: JetStreamManager, fence: Fence): Promise<StreamRecord> {
    const known = await this.log.stream(fence);
    const found = await findStream(jsm, known.deployment);
    const record = found === null ? null : await this.recognise(jsm, known, found);
    if (found !== null && record !== null) {
      await updateStream(jsm, known.deployment, found.config);
      if (record.lastSeq !== known.lastSeq) await this.log.saveStream(fence, record);
      this.replacedCount = record.replaced;
      return record;
    }
    return this.replace(jsm, fence, known);
  }

  /** @returns null when the stream is not what we made of it */
  private async recognise(jsm: JetStreamManager, known: Known, found: StreamInfo): Promise<StreamRecord | null> {
    const lastSeq = found.state.last_seq;
    if (found.created !== known.identity || lastSeq < known.lastSeq) return null;
    if (lastSeq === 0) return { ...known, lastId: null };
    // A crash between the server's acknowledgement and our note of it: the last event says how far we were.
    const last = await lastEvent(jsm, known.deployment, lastSeq);
    if (last === null) return null;
    const position = BigInt(last.position);
    if (position - known.forwarded !== BigInt(lastSeq - known.lastSeq)) return null;
    const [ours] = await this.log.after(position - 1n, 1);
    return ours?.id === last.id ? { ...known, lastSeq, forwarded: position, lastId: last.id } : null;
  }

  /** A new stream gets what some consumer has not handled yet; what others have handled already is nothing to them. */
  private async replace(jsm: JetStreamManager, fence: Fence, known: Known): Promise<StreamRecord> {
    await deleteStream(jsm, known.deployment);
    const made = await createStream(jsm, known.deployment);
    const record: StreamRecord = {
      ...known,
      identity: made.created,
      lastSeq: made.state.last_seq,
      forwarded: await this.log.floor(null),
      replaced: known.replaced + (known.identity === null ? 0 : 1),
      lastId: null,
    };
    await this.log.saveStream(fence, record);
    this.replacedCount = record.replaced;
    if (known.identity !== null) this.onReplaced(record);
    return record;
  }
}

function publish(
  { js }: Up,
  deployment: string,
  event: CloudEvent,
  lastSequence: number,
  lastId: string | null,
): Promise<PubAck> {
  return js.publish(subjectOf(deployment, event.partition, event.type), JSON.stringify(event), {
    msgID: event.id,
    timeout: ACK_LIMIT_MS,
    expect: {
      streamName: streamName(deployment),
      lastSequence,
      ...(lastId === null ? {} : { lastMsgID: lastId }),
    },
  });
}

/** The event at the sequence number; null when there is none, or something else. */
async function lastEvent(jsm: JetStreamManager, deployment: string, seq: number): Promise<CloudEvent | null> {
  const message = await jsm.streams.getMessage(streamName(deployment), { seq });
  try {
    return message === null ? null : cloudEventSchema.parse(JSON.parse(message.string()));
  } catch {
    return null;
  }
}
