import { openAlpaca } from '@/server/adapters/brokers/alpaca/gateway';
import type { BrokerGateway, BrokerSettings, OpenBroker } from '@/server/application/ports/broker-gateway';

/** Every broker that the setting BROKER can name: one line each. */
const BROKERS = {
  alpaca: openAlpaca,
} as const satisfies Readonly<Record<string, OpenBroker>>;

export type BrokerName = keyof typeof BROKERS;

const isBrokerName = (name: string): name is BrokerName => Object.hasOwn(BROKERS, name);

/** The names, as a schema of settings wants them. */
export const BROKER_NAMES: readonly BrokerName[] = Object.keys(BROKERS).filter(isBrokerName);

/** The gateway to the broker that the settings name. Sends nothing yet. Close it. */
export const openBroker = (settings: BrokerSettings & { readonly BROKER: BrokerName }): BrokerGateway =>
  BROKERS[settings.BROKER](settings);
