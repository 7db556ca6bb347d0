import { z } from 'zod';
import { BROKER_NAMES } from './brokers';

/** An empty variable counts as absent. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** Addresses are shown and logged: what is secret does not belong into one. */
const bare = z.url().refine((address) => {
  const { username, password } = new URL(address);
  return username === '' && password === '';
}, 'must not hold a name or a password: keys go into variables of their own');

/** Which broker, its addresses and keys, and our own limit of requests. */
export const brokerVariables = {
  BROKER: z.preprocess((value) => (value === '' ? undefined : value), z.enum(BROKER_NAMES).default('alpaca')),
  BROKER_URL: optional(bare),
  BROKER_STREAM_URL: optional(bare),
  MARKET_DATA_URL: optional(bare),
  MARKET_STREAM_URL: optional(bare),
  BROKER_KEY_ID: optional(z.string()),
  BROKER_SECRET_KEY: optional(z.string()),
  /** 0 is no limit of our own. */
  BROKER_REQUESTS_PER_MINUTE: optional(z.coerce.number().int().min(0).max(100_000)),
};

/** Who writes memos. The key is for the worker alone. */
const reasonerVariables = {
  REASONER: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.enum(['rules', 'openai', 'anthropic', 'none']).default('rules'),
  ),
  /** Base address; without it the provider's own. */
  REASONER_URL: optional(bare.refine((address) => /^https?:/.test(address), 'must be an http address')),
  REASONER_MODEL: optional(z.string().max(200)),
  REASONER_KEY: optional(z.string()),
  /** Calls at once. */
  REASONER_CONCURRENCY: optional(z.coerce.number().int().min(1).max(64)),
};

const port = z.coerce.number().int().min(1).max(65_535);
/** 0 takes any that is free. */
const portOrAny = z.coerce.number().int().min(0).max(65_535);

const cap = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be a positive number');

const envSchema = z
  .object({
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
    PORT: port.default(3000),
    HOST: z.string().default('127.0.0.1'),
    DATA_DIR: z.string().default('.data'),
    SIMULATOR_PORT: port.default(4010),
    GATEWAY_PORT: portOrAny.default(4020),
    GATEWAY_HOST: z.string().default('127.0.0.1'),
    /** Files in PEM; with both of them the gateway speaks TLS alone. */
    GATEWAY_TLS_CERT: optional(z.string()),
    GATEWAY_TLS_KEY: optional(z.string()),
    ...brokerVariables,
    ...reasonerVariables,
    /** Scale-out engines; without them Postgres does their work. */
    NATS_URL: optional(z.url({ protocol: /^(nats|tls)$/, error: 'must be a nats:// or tls:// address' })),
    REDIS_URL: optional(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })),
    /** Orders that work while no worker has been heard of for this long are a matter for the watchdog, s. */
    DEADMAN_SECONDS: z.coerce.number().int().min(1).max(3_600).default(30),
    /** Whether the watchdog then cancels what opens risk at the broker (H-9). Without a value: except at the simulator. */
    DEADMAN_CANCEL: optional(z.enum(['0', '1'])),
    /** The worker sends no opening order above these, whatever the database says: dollars, and shares. Without one there is no cap. */
    MAX_ORDER_NOTIONAL: optional(cap),
    MAX_ORDER_SHARES: optional(cap),
    NEXTAUTH_SECRET: optional(z.string().min(16)),
    NEXTAUTH_URL: optional(z.url()),
    /** News for memos from a file instead of the market data source. */
    NEWS_FILE: optional(z.string()),
    STRATEGIES: z.string().default('fake'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    /** Commit the running code was built from; stored with each decision. */
    CODE_VERSION: z.string().default('dev'),
  })
  .refine(
    ({ REASONER, REASONER_MODEL }) => REASONER_MODEL !== undefined || REASONER === 'rules' || REASONER === 'none',
    {
      path: ['REASONER_MODEL'],
      message: 'is required with a REASONER that is a model',
    },
  );

export type Env = z.output<typeof envSchema>;

/** Thrown when the environment is not usable; the message names each variable and what is wrong with it. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/** Reads settings from environment variables. @throws EnvError naming every faulty variable */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const result = envSchema.safeParse(source);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvError(`Settings are not usable. ${faults.join('; ')}`);
}
