import { z } from 'zod';

/** Events of one symbol are in one partition, whose order is kept. The same number stands in the database (bus_part). */
export const PARTITIONS = 8;

const digits = z.string().regex(/^\d{1,19}$/);

/** An event as it crosses a boundary: CloudEvents 1.0 in JSON, with two extension attributes. */
export const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  /** The same for every delivery of the event. */
  id: z.uuid(),
  source: z.string().min(1),
  /** The topic: order.filled, market.bar.closed … */
  type: z.string().min(1),
  /** Order id, symbol … */
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.unknown(),
  /** Place in the order of publication. */
  position: digits,
  partition: z
    .number()
    .int()
    .min(0)
    .max(PARTITIONS - 1),
});

export type CloudEvent = z.output<typeof cloudEventSchema>;
