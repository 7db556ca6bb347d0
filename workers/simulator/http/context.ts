import type { Broker } from '../broker/broker';
import type { SimulatorConfig } from '../config';
import type { Engine, SimulatedMarket } from '../engine';
import type { Faults } from '../faults';
import type { Journal } from '../journal/journal';
import type { MarketClock } from '../market/market-clock';
import type { NewsBook } from '../market/news';
import type { Assets } from './assets';

/** What a route works with. */
export interface RouteContext {
  readonly config: SimulatorConfig;
  readonly broker: Broker;
  readonly engine: Engine;
  readonly market: SimulatedMarket;
  readonly clock: MarketClock;
  readonly journal: Journal;
  readonly assets: Assets;
  readonly news: NewsBook;
  readonly faults: Faults;
  readonly startedAtMs: number;
}
