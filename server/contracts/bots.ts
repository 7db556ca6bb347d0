import { z } from 'zod';
import { decimalNumber, decimalNumberAbove } from './decimal-number';
import { symbolSchema } from './symbol';

/** An address, or a network like 10.0.0.0/8. */
const networkSchema = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'must be an address like 192.0.2.7 or a network like 192.0.2.0/24',
});

/** What the orders of a bot are judged by, beside the policy (F-4). A bot is a token; a field that is not stated has its default. */
export const botSettingsSchema = z.strictObject({
  /** Name under which its orders are counted and its positions are kept. Default: the token's name. */
  strategy: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'has 1 to 60 lower-case letters, digits, dots, dashes or underscores')
    .optional(),
  /** Stated with each of its orders, 0 to 1. Default: none, and a person reviews each order that opens a position. */
  confidence: decimalNumber(0, 1).optional(),
  /** Most that one order may be, as a share of equity. Default: what the policy allows. */
  max_order_pct: decimalNumberAbove(0, 1).optional(),
  /** Default: what the policy allows. */
  symbols: z.array(symbolSchema).min(1).max(500).optional(),
  /** Distance of the protective stop of an order that states none, as a share of its price. Default: no stop. */
  stop_distance_pct: decimalNumberAbove(0, 0.99).optional(),
  /** Default: any address. */
  allow_from: z.array(networkSchema).min(1).max(100).optional(),
  /** Requests of the gateway. */
  requests_per_minute: z.int().min(1).max(10_000).optional(),
});
export type BotSettings = z.output<typeof botSettingsSchema>;

/** The limit of Alpaca's API for one account. */
export const DEFAULT_REQUESTS_PER_MINUTE = 200;

/** Name under which the orders of a bot are counted. The prefix keeps it apart from the strategies of the pipeline. */
export const botStrategy = (settings: BotSettings, tokenName: string): string =>
  `bot:${settings.strategy ?? tokenName}`;
