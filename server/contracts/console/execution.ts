import { z } from 'zod';
import { drillStatusSchema, venueEnvironmentSchema } from '@/server/kernel/vocabulary';
import { instant } from './common';

/** A rehearsal of the kill switch, as it was measured. */
export const drillRowSchema = z.object({
  id: z.uuid(),
  requestedBy: z.string(),
  requestedAt: instant,
  environment: venueEnvironmentSchema,
  symbol: z.string(),
  /** Orders asked for. */
  orders: z.number().int(),
  status: drillStatusSchema,
  haltId: z.uuid().nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  /** Orders that worked when trading was halted. */
  working: z.number().int().nullable(),
  acknowledgedMs: z.number().int().nullable(),
  verifiedMs: z.number().int().nullable(),
  cancelled: z.number().int().nullable(),
  filled: z.number().int().nullable(),
  fillsAfterHalt: z.number().int().nullable(),
  fault: z.string().nullable(),
});
export type DrillRow = z.output<typeof drillRowSchema>;

export const drillListInputSchema = z.object({
  limit: z.number().int().min(1).max(500).default(20),
});
export type DrillListInput = z.output<typeof drillListInputSchema>;

export const drillDetailSchema = z.object({ row: drillRowSchema, report: z.record(z.string(), z.unknown()) });
export type DrillDetail = z.output<typeof drillDetailSchema>;

/** Bounds of a drill that a person may start. */
export const drillInputSchema = z.object({
  orders: z.number().int().min(1).max(500),
  symbol: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z][A-Z0-9.-]{0,11}$/, 'is no symbol')
    .optional(),
});

export const alertRowSchema = z.object({
  id: z.uuid(),
  kind: z.string(),
  subject: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
  openedAt: instant,
  resolvedAt: instant.nullable(),
  /** A person has seen it and takes care of it; null until then. */
  acknowledgedAt: instant.nullable(),
  acknowledgedBy: z.string().nullable(),
});

export const alertListInputSchema = z.object({
  state: z.enum(['open', 'resolved', 'all']).default('open'),
  limit: z.number().int().min(1).max(1_000).default(100),
});
export type AlertListInput = z.output<typeof alertListInputSchema>;

export const alertListSchema = z.object({ rows: z.array(alertRowSchema), total: z.number().int() });
export type AlertList = z.output<typeof alertListSchema>;
