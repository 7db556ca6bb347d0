import { z } from 'zod';
import { tradingCauseSchema, tradingStateSchema, venueEnvironmentSchema } from '@/server/kernel/vocabulary';
import { quoteSchema } from './approvals';
import { decimalText, instant } from './common';

const openCauseSchema = z.object({
  cause: tradingCauseSchema,
  state: tradingStateSchema.exclude(['ACTIVE']),
  reason: z.string(),
  openedBy: z.string(),
  openedAt: instant,
  /** The next session's open ends it too; otherwise only a release does. */
  untilNextSession: z.boolean(),
});

export const tradingStateViewSchema = z.object({
  state: tradingStateSchema,
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
  /** Open causes, oldest first; empty while ACTIVE. */
  causes: z.array(openCauseSchema).readonly(),
});

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

/** How the way to the broker is. */
export const brokerStateSchema = z.enum([
  'OK',
  'KEYS_REFUSED',
  'ACCOUNT_BLOCKED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'UNREACHABLE',
  'UNREADABLE',
  'SILENT_STREAM',
]);

/** What the worker last said of the broker. */
export const brokerHealthSchema = z.object({
  state: brokerStateSchema,
  since: instant.nullable(),
  detail: z.string(),
  /** Of the circuit breaker, in its own words. */
  breaker: z.string().nullable(),
  /** Requests that may be sent at once. */
  tokensLeft: z.number().nullable(),
  /** 0 is no limit. */
  requestsPerMinute: z.number().nullable(),
  stream: z.string().nullable(),
  /** Broker's clock less ours. */
  clockSkewMs: z.number().nullable(),
});
export type BrokerHealthView = z.output<typeof brokerHealthSchema>;

/** What the top bar and the banners show; one read, kept fresh everywhere. */
export const statusSchema = z.object({
  /** The database's clock when this was read. */
  serverTime: instant,
  /** Newest event this reading may already contain. */
  outboxSeq: z.string(),
  environment: venueEnvironmentSchema,
  stage: z.string(),
  trading: tradingStateViewSchema,
  market: marketClockSchema.nullable(),
  /** Newest quote of any symbol: market time and wall clock. */
  newestQuote: z.object({ quotedAt: instant, receivedAt: instant }).nullable(),
  maxDataAgeSeconds: z.number(),
  workers: z.object({ alive: z.number().int(), newestBeatAt: instant.nullable() }),
  openBreaks: z.number().int(),
  /** Symbols that have been without their stop for 5 s in market hours. */
  unprotected: z.array(z.string()),
  /** Null until a worker that speaks to the broker has reported. */
  broker: brokerHealthSchema.nullable(),
  /** Accounts whose opening balances wait for a signature. */
  openings: z.number().int(),
  alerts: z.object({
    open: z.number().int(),
    newest: z
      .object({ id: z.string(), kind: z.string(), subject: z.string(), message: z.string(), openedAt: instant })
      .nullable(),
  }),
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

/** What the last reconciliation round took; a figure that it did not give is null. */
export const roundSchema = z.object({
  at: instant.nullable(),
  ms: z.number().nullable(),
  statements: z.number().nullable(),
  requests: z.number().nullable(),
  openOrders: z.number().nullable(),
  /** Time that the round waited for the broker's request limit. */
  waitedMs: z.number().nullable(),
  /** From one round to the next. */
  everyMs: z.number().nullable(),
});
export type RoundView = z.output<typeof roundSchema>;

export const workerSchema = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  startedAt: instant,
  beatAt: instant,
  info: z.record(z.string(), z.unknown()),
});

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
    openBreaks: z.number().int(),
    health: brokerHealthSchema.nullable(),
    round: roundSchema.nullable(),
  }),
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
