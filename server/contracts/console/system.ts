import { z } from 'zod';
import { quoteSchema } from './approvals';
import { decimalText, instant } from './common';

export const tradingStateNameSchema = z.enum(['ACTIVE', 'REDUCING', 'HALTED']);

export const tradingStateViewSchema = z.object({
  state: tradingStateNameSchema,
  version: z.string(),
  changedAt: instant,
  changedBy: z.string(),
  reason: z.string(),
  halt: z
    .object({
      id: z.string(),
      requestedAt: instant,
      acknowledgedAt: instant.nullable(),
      verifiedAt: instant.nullable(),
      progress: z.record(z.string(), z.unknown()),
    })
    .nullable(),
});

export const environmentSchema = z.enum(['SIM', 'PAPER', 'LIVE']);

export const marketClockSchema = z.object({
  isOpen: z.boolean(),
  marketTime: instant,
  observedAt: instant,
  nextOpen: instant.nullable(),
  nextClose: instant.nullable(),
  speed: z.number().int(),
  source: z.string(),
});
export type MarketClockView = z.output<typeof marketClockSchema>;

/** What the top bar and the banners show; one read, kept fresh everywhere. */
export const statusSchema = z.object({
  /** The database's clock when this was read. */
  serverTime: instant,
  /** Newest event this reading may already contain. */
  outboxSeq: z.string(),
  environment: environmentSchema,
  stage: z.string(),
  trading: tradingStateViewSchema,
  market: marketClockSchema.nullable(),
  /** Newest quote of any symbol: market time and wall clock. */
  newestQuote: z.object({ quotedAt: instant, receivedAt: instant }).nullable(),
  maxDataAgeSeconds: z.number(),
  workers: z.object({ alive: z.number().int(), newestBeatAt: instant.nullable() }),
  openBreaks: z.number().int(),
  approvals: z.object({
    pending: z.number().int(),
    soonestExpiresAt: instant.nullable(),
    newestId: z.string().nullable(),
  }),
  dayPnl: decimalText.nullable(),
  portfolioAt: instant.nullable(),
  reconciledAt: instant.nullable(),
});
export type StatusView = z.output<typeof statusSchema>;

export const workerSchema = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  startedAt: instant,
  beatAt: instant,
  info: z.record(z.string(), z.unknown()),
});

/** A difference between our books and the broker's that nobody has explained yet. */
export const openBreakSchema = z.object({
  id: z.uuid(),
  symbol: z.string(),
  cause: z.string(),
  orderId: z.uuid().nullable(),
  openedAt: instant,
  /** What each side holds, as the reconciliation wrote it. */
  ours: z.record(z.string(), z.unknown()),
  theirs: z.record(z.string(), z.unknown()),
});
export type OpenBreakView = z.output<typeof openBreakSchema>;

export const systemDetailSchema = z.object({
  serverTime: instant,
  workers: z.array(workerSchema),
  leases: z.array(z.object({ name: z.string(), holder: z.string(), token: z.string(), expiresAt: instant })),
  outbox: z.object({ newestSeq: z.string(), unpublished: z.number().int(), oldestUnpublishedAt: instant.nullable() }),
  database: z.object({
    version: z.string(),
    sizeBytes: z.string(),
    connections: z.number().int(),
    maxConnections: z.number().int(),
    startedAt: instant,
    latencyMs: z.number(),
  }),
  broker: z.object({
    accountId: z.string().nullable(),
    portfolioAt: instant.nullable(),
    reconciledAt: instant.nullable(),
    failedRounds: z.number().int(),
    openedBy: z.string().nullable(),
  }),
  breaks: z.array(openBreakSchema),
  quotes: z.array(quoteSchema),
});
export type SystemDetail = z.output<typeof systemDetailSchema>;

export const auditRowSchema = z.object({
  id: z.string(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  correlationId: z.string().nullable(),
  hash: z.string(),
});

export const auditListSchema = z.object({ rows: z.array(auditRowSchema), nextBefore: z.string().nullable() });
export type AuditList = z.output<typeof auditListSchema>;
