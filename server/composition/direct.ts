import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { createBreakGlassJournal } from '@/server/adapters/files/break-glass-journal';
import type { BreakGlassTools } from '@/server/application/halt/break-glass';
import type { BrokerSettings } from '@/server/application/ports/broker-gateway';
import { type BrokerName, openBroker } from './brokers';
import { brokerVariables, EnvError } from './env';

/** All that stopping at the broker needs: no database, no worker. */
const directSchema = z.object({
  DATA_DIR: z.preprocess((value) => (value === '' ? undefined : value), z.string().default('.data')),
  SIMULATOR_PORT: z.preprocess((value) => (value === '' ? undefined : value), z.coerce.number().int().default(4010)),
  ...brokerVariables,
});

const secretsSchema = z.object({ brokerKeyId: z.string(), brokerSecretKey: z.string() });

/** The keys that the launcher made for the paper broker of this data folder. */
function paperKeys(dataDir: string): { readonly BROKER_KEY_ID?: string; readonly BROKER_SECRET_KEY?: string } {
  try {
    const found = secretsSchema.parse(JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')));
    return { BROKER_KEY_ID: found.brokerKeyId, BROKER_SECRET_KEY: found.brokerSecretKey };
  } catch {
    return {};
  }
}

export interface Direct extends Omit<BreakGlassTools, 'say' | 'suspension'> {
  readonly suspension: NonNullable<BreakGlassTools['suspension']>;
  /** The broker's address, for people. */
  readonly where: string;
  close(): Promise<void>;
}

/** Addresses and keys without a database: from the environment, else the paper broker's of the data folder. @throws EnvError */
export function directSettings(source: Readonly<Record<string, string | undefined>>): {
  readonly settings: BrokerSettings & { readonly BROKER: BrokerName };
  readonly dataDir: string;
} {
  const parsed = directSchema.safeParse(source);
  if (!parsed.success)
    throw new EnvError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const env = parsed.data;
  const given = env.BROKER_KEY_ID !== undefined && env.BROKER_SECRET_KEY !== undefined;
  const keys = given || env.BROKER_URL !== undefined ? {} : paperKeys(env.DATA_DIR);
  if (!given && keys.BROKER_KEY_ID === undefined)
    throw new EnvError('No broker keys: set BROKER_KEY_ID and BROKER_SECRET_KEY, or DATA_DIR to the data folder.');
  return { settings: { ...env, ...keys }, dataDir: env.DATA_DIR };
}

/** The way to the broker with nothing else up. @throws EnvError when there are no keys */
export function openDirect(source: Readonly<Record<string, string | undefined>> = process.env): Direct {
  const { settings, dataDir } = directSettings(source);
  const gateway = openBroker(settings);
  return {
    where: gateway.address,
    broker: gateway.urgent.broker,
    suspension: gateway.suspension,
    journal: createBreakGlassJournal(dataDir),
    clock: {
      nowMs: () => Date.now(),
      newId: () => randomUUID(),
      sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
    },
    close: () => gateway.close(),
  };
}
