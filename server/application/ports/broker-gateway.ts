import type { TradingSuspension } from './break-glass';
import type { AssetSource, Broker, BrokerHealth, TradeStream, VenueInfo } from './broker';
import type { MarketData } from './market-data';
import type { NewsSource } from './news-source';

/** A broker whose requests go ahead of all others under the rate limit, and are sent even if it has not answered lately. */
export interface UrgentBroker {
  readonly broker: Broker;
  /** Requests sent so far. */
  readonly requests: () => number;
  /** The rate limit as far as it is known; 0 is none. */
  readonly requestsPerMinute: () => number;
}

export interface CallCounts {
  /** Requests made, whether or not the rate limit let them leave. */
  readonly requests: number;
  /** Time that they waited for the rate limit, ms. */
  readonly waitedMs: number;
}

/** A broker whose requests are counted. */
export interface MeteredBroker {
  readonly broker: Broker;
  readonly counts: () => CallCounts;
}

/**
 * Everything that this stack uses of a broker. All parts share one connection, one rate limit and one view of its health;
 * nothing is sent before the first call. An adapter is one folder under `server/adapters/brokers`, registered in
 * `server/composition/brokers.ts`; its terms stay inside that folder.
 */
export interface BrokerGateway {
  /** Where orders go, for people and logs; holds no secret. */
  readonly address: string;
  /** What the venue is. @throws BrokerError */
  venue(): Promise<VenueInfo>;
  readonly broker: Broker & AssetSource;
  /** For halts and other emergencies. */
  readonly urgent: UrgentBroker;
  /** For work whose cost is shown. Each call counts on its own. */
  metered(): MeteredBroker;
  readonly tradeStream: TradeStream;
  readonly marketData: MarketData;
  readonly news: NewsSource;
  /** Names the news source in stored items. Never changes. */
  readonly newsName: string;
  readonly suspension: TradingSuspension;
  health(): BrokerHealth;
  /** Requests a minute as the broker's answers state them; null when they state none. */
  announcedLimit(): number | null;
  close(): Promise<void>;
}

/** Settings that every adapter gets; each reads what it needs. */
export interface BrokerSettings {
  /** The bundled simulator's port on this machine: the venue when no address is given. */
  readonly SIMULATOR_PORT: number;
  readonly BROKER_URL?: string | undefined;
  readonly BROKER_STREAM_URL?: string | undefined;
  readonly MARKET_DATA_URL?: string | undefined;
  readonly MARKET_STREAM_URL?: string | undefined;
  readonly BROKER_KEY_ID?: string | undefined;
  readonly BROKER_SECRET_KEY?: string | undefined;
  /** 0 is no limit. */
  readonly BROKER_REQUESTS_PER_MINUTE?: number | undefined;
}

export type OpenBroker = (settings: BrokerSettings) => BrokerGateway;
