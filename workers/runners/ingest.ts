import type { MarketStream } from '@/server/application/ports/market-data';
import { Notifier } from '@/server/kernel/notifier';
import { sideBySide, underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { keepAssets } from './assets';
import { MarketHealthMonitor } from './market/health-monitor';
import { MarketIntake } from './market/intake';
import { ANNOUNCE_MS } from './market/quote-writer';
import { MarketClockReader } from './market-clock';

/** What policy allows and what is held are read again this often. */
const SYMBOLS_MS = 5_000;

/** Everything the simulator quotes; of a market too big for that, what policy allows or the account holds. */
async function wantedSymbols(role: RoleContext, clock: MarketClockReader): Promise<readonly string[]> {
  return clock.symbols ?? (await role.persist(() => role.parts.market.wantedSymbols()));
}

class Ingest {
  private readonly clock: MarketClockReader;
  private readonly due = new Notifier();
  private readonly intake: MarketIntake;
  private readonly health: MarketHealthMonitor;
  private symbols: readonly string[] = [];

  constructor(
    private readonly role: RoleContext,
    private readonly held: Held,
  ) {
    this.clock = new MarketClockReader(role);
    this.intake = new MarketIntake(role, this.clock, this.due);
    this.health = new MarketHealthMonitor(role, this.clock, this.intake);
  }

  async run(): Promise<void> {
    const { role, held, clock, intake } = this;
    this.symbols = await wantedSymbols(role, clock);
    role.log.info({ symbols: this.symbols }, 'taking in market data');
    const stream = intake.open(this.symbols);
    try {
      await sideBySide(held, [
        clock.run(held),
        keepAssets(role, held, () => this.symbols),
        this.settle(),
        this.announce(stream),
        this.follow(stream),
      ]);
    } finally {
      await stream.close();
    }
  }

  /** Bars, and the newest quotes after a connection. */
  private async settle(): Promise<void> {
    const { role, held, intake } = this;
    while (!held.signal.aborted) {
      if (this.clock.clockReset) throw new Error('the market’s time went back: market data starts again');
      await intake.bars.settle();
      await intake
        .catchUp(this.symbols)
        .catch((error: unknown) => role.log.debug({ err: error }, 'the newest quotes could not be asked for'));
      await this.due.wait(this.role.parts.clock, ANNOUNCE_MS, held.signal);
    }
  }

  private async announce(stream: MarketStream): Promise<void> {
    const { role, held, intake } = this;
    while (!held.signal.aborted) {
      await intake.writer
        .announceDue()
        .catch((error: unknown) => role.log.debug({ err: error }, 'quotes were not announced'));
      await this.health.check(this.symbols, stream);
      await role.parts.clock.sleep(ANNOUNCE_MS, held.signal);
    }
  }

  /** Policy may allow other symbols, and the account may come to hold others. */
  private async follow(stream: MarketStream): Promise<void> {
    const { role, held, intake } = this;
    while (!held.signal.aborted) {
      await role.parts.clock.sleep(SYMBOLS_MS, held.signal);
      const symbols = await wantedSymbols(role, this.clock);
      if ([...symbols].sort().join() === [...this.symbols].sort().join()) continue;
      role.log.info({ symbols }, 'taking in market data of other symbols');
      this.symbols = symbols;
      intake.want(symbols);
      stream.subscribe(symbols);
      intake.behind();
    }
  }
}

/** Market data in: the broker's clock, quotes, trades and bars, under the ingest lease. */
export function runIngest(role: RoleContext): Promise<void> {
  return underLease(role, 'ingest', (held) => new Ingest(role, held).run());
}
