import { z } from 'zod';
import { type Money, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import { parseVariants, type Variants } from './variants';

/** Settings as the simulator uses them. Prices in dollars, times in epoch ms. */
export interface SimulatorConfig {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly keyId: string;
  readonly secretKey: string;
  readonly cash: Money;
  readonly fees: { readonly feePerShare: Units; readonly feeMin: Money };
  readonly seed: number;
  /** Market ms between quotes. */
  readonly quoteMs: number;
  readonly recording: {
    readonly file: string;
    readonly format: 'ninjatrader' | 'csv';
    readonly symbol: string;
    readonly spread: Units;
  } | null;
  /** Whether the exchange's hours hold: always for a recording, as set for invented prices. */
  readonly exchangeHours: boolean;
  /** Of a market with hours: market seconds a wall second, and where it begins. Otherwise 1, and now. */
  readonly speed: number;
  readonly startMs: number | null;
  /** File of news; null: invented. */
  readonly newsFile: string | null;
  readonly faults: boolean;
  /** Requests a minute; 0 is no limit. */
  readonly rateLimit: number;
  /** Uncertain behaviour of the broker, as chosen. */
  readonly variants: Variants;
  readonly version: string;
}

/** A setting with an impossible value; the message names each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

function decimal<T>(read: (text: string) => T, fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, issues): T => {
      try {
        if (!text.trim().startsWith('-')) return read(text.trim());
      } catch {
        // Reported below like any other bad value.
      }
      issues.addIssue({ code: 'custom', message: `"${text}" is not a decimal of at least 0` });
      return z.NEVER;
    });
}

const variants = z
  .string()
  .default('')
  .transform((text, issues): Variants => {
    try {
      return parseVariants(text);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      for (const { path, message } of error.issues)
        issues.addIssue({ code: 'custom', message: `${path.join('.')} ${message}`.trim() });
      return z.NEVER;
    }
  });

const whole = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: whole(4010, 0, 65_535),
  DATA_DIR: z.string().default('.data'),
  BROKER_KEY_ID: z.string().min(1, 'is required'),
  BROKER_SECRET_KEY: z.string().min(1, 'is required'),
  SIMULATOR_CASH: decimal(parseMoney, '100000'),
  SIMULATOR_FEE_PER_SHARE: decimal(parseUnits, '0'),
  SIMULATOR_FEE_MIN: decimal(parseMoney, '0'),
  SIMULATOR_SEED: whole(1, 0, 0x7fff_ffff),
  SIMULATOR_QUOTE_MS: whole(0, 0, 86_400_000),
  SIMULATOR_BARS: z.string().optional(),
  SIMULATOR_BARS_FORMAT: z.enum(['ninjatrader', 'csv']).default('ninjatrader'),
  SIMULATOR_BARS_SYMBOL: z
    .string()
    .regex(/^[A-Z][A-Z0-9.-]{0,11}$/, 'must be an upper-case symbol')
    .default('SPY'),
  SIMULATOR_HOURS: z.enum(['always', 'exchange']).default('always'),
  SIMULATOR_SPEED: z.coerce.number().min(1).max(60).default(1),
  SIMULATOR_START: z.iso.datetime({ offset: true }).optional(),
  SIMULATOR_SPREAD: decimal(parseUnits, '0.02'),
  SIMULATOR_NEWS: z.string().optional(),
  SIMULATOR_FAULTS: z.enum(['0', '1']).default('0'),
  SIMULATOR_RATE_LIMIT: whole(0, 0, 1_000_000),
  SIMULATOR_VARIANTS: variants,
});

/** Whoever reaches the fault switches moves cash and prices. */
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const DEFAULT_QUOTE_MS = { synthetic: 1_000, recorded: 10_000 } as const;

/** Reads the settings from the environment; an empty variable counts as absent. @throws ConfigError naming each bad one */
export function readConfig(env: Readonly<Record<string, string | undefined>>, version: string): SimulatorConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const values = parsed.data;
  if (values.SIMULATOR_FAULTS === '1' && !LOOPBACK.has(values.HOST))
    throw new ConfigError(
      'SIMULATOR_FAULTS: its switches need no keys, so they are for this machine alone: leave HOST out',
    );
  const recorded = values.SIMULATOR_BARS !== undefined;
  const exchangeHours = recorded || values.SIMULATOR_HOURS === 'exchange';
  const quoteMs = values.SIMULATOR_QUOTE_MS || (recorded ? DEFAULT_QUOTE_MS.recorded : DEFAULT_QUOTE_MS.synthetic);
  if (recorded && quoteMs > DEFAULT_QUOTE_MS.recorded)
    throw new ConfigError('SIMULATOR_QUOTE_MS: a recording is quoted at least every 10000 ms');
  return {
    host: values.HOST,
    port: values.SIMULATOR_PORT,
    dataDir: values.DATA_DIR,
    keyId: values.BROKER_KEY_ID,
    secretKey: values.BROKER_SECRET_KEY,
    cash: values.SIMULATOR_CASH,
    fees: { feePerShare: values.SIMULATOR_FEE_PER_SHARE, feeMin: values.SIMULATOR_FEE_MIN },
    seed: values.SIMULATOR_SEED,
    quoteMs,
    recording:
      values.SIMULATOR_BARS === undefined
        ? null
        : {
            file: values.SIMULATOR_BARS,
            format: values.SIMULATOR_BARS_FORMAT,
            symbol: values.SIMULATOR_BARS_SYMBOL,
            spread: values.SIMULATOR_SPREAD,
          },
    exchangeHours,
    speed: exchangeHours ? values.SIMULATOR_SPEED : 1,
    startMs: exchangeHours && values.SIMULATOR_START !== undefined ? Date.parse(values.SIMULATOR_START) : null,
    newsFile: values.SIMULATOR_NEWS ?? null,
    faults: values.SIMULATOR_FAULTS === '1',
    rateLimit: values.SIMULATOR_RATE_LIMIT,
    variants: values.SIMULATOR_VARIANTS,
    version,
  };
}
