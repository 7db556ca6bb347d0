import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

const DAY_MS = 86_400_000;
/** As long as the outbox keeps events. */
const KEEP_MS = 7 * DAY_MS;
/** A publication repeated within it is recognised by its message id. */
const DUPLICATE_WINDOW_MS = 120_000;

export const streamName = (deployment: string) => `COUNTERSIGN_${deployment}`;

/** `countersign.<deployment>.<partition>.<topic>`: who consumes one partition filters by subject. */
export const subjectOf = (deployment: string, partition: number, topic: string) =>
  `countersign.${deployment}.${partition}.${topic}`;

/** Filter of a partition: one topic (or family of topics) where the server can tell, else all. */
export function filterOf(deployment: string, partition: number, topics: readonly string[]): string {
  const [only, ...more] = topics;
  if (only === undefined || more.length > 0) return subjectOf(deployment, partition, '>');
  return subjectOf(deployment, partition, only.replace(/\*$/, '>'));
}

const wanted = (deployment: string) => ({
  name: streamName(deployment),
  subjects: [`countersign.${deployment}.>`],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_age: nanos(KEEP_MS),
  duplicate_window: nanos(DUPLICATE_WINDOW_MS),
});

const isNotFound = (error: unknown) =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

/** The stream as it is, or null. */
export async function findStream(jsm: JetStreamManager, deployment: string): Promise<StreamInfo | null> {
  try {
    return await jsm.streams.info(streamName(deployment));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export const createStream = (jsm: JetStreamManager, deployment: string): Promise<StreamInfo> =>
  jsm.streams.add(wanted(deployment));

/** Brings the settings of a stream that an older version made up to date. */
export async function updateStream(jsm: JetStreamManager, deployment: string, config: StreamConfig): Promise<void> {
  const target = wanted(deployment);
  const same =
    config.max_age === target.max_age &&
    config.duplicate_window === target.duplicate_window &&
    config.discard === target.discard &&
    config.subjects.join() === target.subjects.join();
  if (!same) await jsm.streams.update(target.name, { ...config, ...target });
}

export async function deleteStream(jsm: JetStreamManager, deployment: string): Promise<void> {
  await jsm.streams.delete(streamName(deployment)).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
