import type { CloudEvent } from '@/server/contracts/event';

/** Of a row of the outbox called o. */
export const EVENT_COLUMNS =
  'o.id, o.topic, o.subject, o.data, o.created_at, o.position::text AS position, bus_part(o.data, o.subject) AS part';

export interface EventRow {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly data: unknown;
  readonly created_at: Date;
  readonly position: string;
  readonly part: number;
}

/** A published row as CloudEvents 1.0. */
export function toCloudEvent(row: EventRow): CloudEvent {
  return {
    specversion: '1.0',
    id: row.id,
    source: '/countersign',
    type: row.topic,
    subject: row.subject,
    time: row.created_at.toISOString(),
    datacontenttype: 'application/json',
    data: row.data,
    position: row.position,
    partition: row.part,
  };
}
