import { z } from 'zod';
import { instant } from './common';

/** {@link botSettingsSchema} with null for what has its default. */
export const botSettingsViewSchema = z.object({
  confidence: z.number().nullable(),
  maxOrderPct: z.number().nullable(),
  symbols: z.array(z.string()).nullable(),
  stopDistancePct: z.number().nullable(),
  allowFrom: z.array(z.string()).nullable(),
  requestsPerMinute: z.number().int().nullable(),
});

/** A token that may place orders, as the console shows it. */
export const botRowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** First characters of the token: its key id at the gateway. */
  keyId: z.string(),
  /** E-mail of the user that it acts for. */
  user: z.string(),
  /** Name that its orders are counted under. */
  strategy: z.string(),
  settings: botSettingsViewSchema,
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  /** ACTIVE, EXPIRED, STOPPED, or DISABLED with its user. */
  state: z.enum(['ACTIVE', 'EXPIRED', 'STOPPED', 'DISABLED']),
  /** Orders that may still fill, requests that wait for a person, and all orders that were placed. */
  open: z.number().int(),
  waiting: z.number().int(),
  orders: z.number().int(),
  /** Requests that the gate rejected. */
  rejected: z.number().int(),
});
export type BotRow = z.output<typeof botRowSchema>;

export const botListSchema = z.object({ bots: z.array(botRowSchema) });
export type BotList = z.output<typeof botListSchema>;
