import { z } from 'zod';
import { marketEventSourceSchema } from '@/server/kernel/vocabulary';
import { symbolSchema } from '../symbol';
import { instant } from './common';

/** What nothing opens for. */
export const eventKindSchema = z.enum(['EARNINGS', 'FOMC', 'ECONOMIC', 'DIVIDEND', 'SPLIT', 'OTHER'], {
  error: 'must be one of EARNINGS, FOMC, ECONOMIC, DIVIDEND, SPLIT, OTHER',
});

/** A title in plain text: one line, 1 to 200 characters. */
export const eventTitleSchema = z
  .string()
  .trim()
  .min(1, 'is required')
  .max(200, 'has at most 200 characters')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u, 'must be one line of plain text');

/** Longer than any event: a date with the wrong year is found by it. */
const LONGEST_DAYS = 92;

/** A time in which nothing opens, as it is asked for. Instants in UTC; symbol null is every symbol. */
export const newMarketEventSchema = z
  .strictObject({
    kind: eventKindSchema,
    symbol: symbolSchema.nullable(),
    title: eventTitleSchema,
    startsAt: instant,
    endsAt: instant,
  })
  .refine((event) => Date.parse(event.endsAt) > Date.parse(event.startsAt), {
    path: ['endsAt'],
    message: 'must be after the start',
  })
  .refine((event) => Date.parse(event.endsAt) - Date.parse(event.startsAt) <= LONGEST_DAYS * 86_400_000, {
    path: ['endsAt'],
    message: `is more than ${LONGEST_DAYS} days after the start`,
  });
export type NewMarketEvent = z.output<typeof newMarketEventSchema>;

export const marketEventSchema = z.object({
  id: z.uuid(),
  kind: eventKindSchema,
  /** Null: every symbol. */
  symbol: z.string().nullable(),
  title: z.string(),
  /** Market time. */
  startsAt: instant,
  endsAt: instant,
  source: marketEventSourceSchema,
  createdBy: z.string(),
  createdAt: instant,
  removedAt: instant.nullable(),
  removedBy: z.string().nullable(),
});
export type MarketEventView = z.output<typeof marketEventSchema>;

export const eventStateSchema = z.enum(['current', 'past', 'removed', 'all']);

export const marketEventListInputSchema = z.object({
  /** `current`: active and to come, soonest first; the others newest first. */
  state: eventStateSchema.default('current'),
  /** Also gives the events of every symbol. */
  symbol: z.string().trim().toUpperCase().max(12).default(''),
  limit: z.number().int().min(1).max(2_000).default(500),
});
export type MarketEventListInput = z.output<typeof marketEventListInputSchema>;

export const marketEventListSchema = z.object({
  rows: z.array(marketEventSchema),
  /** Events that the filter matches, beyond those returned. */
  total: z.number().int(),
});
export type MarketEventList = z.output<typeof marketEventListSchema>;

/** A file as text, as a request may carry it: some 700 events. */
export const eventCsvSchema = z
  .string()
  .min(1, 'The file is empty.')
  .max(50_000, 'The file is larger than 50 kB: import it with countersign events import.');

export const eventFaultSchema = z.object({ line: z.number().int(), reason: z.string() });

/** What an import did, or would do. Faults keep the whole file out. */
export const eventImportSchema = z.object({
  added: z.number().int(),
  /** In effect already, with the same figures. */
  same: z.number().int(),
  faults: z.array(eventFaultSchema),
  /** The first of the file's events. */
  events: z.array(newMarketEventSchema),
});
export type EventImport = z.output<typeof eventImportSchema>;
