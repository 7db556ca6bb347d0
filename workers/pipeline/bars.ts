import { z } from 'zod';
import { BarBook } from '@/server/application/signals/bar-book';
import type { SignalWorker } from '@/server/application/signals/signal-worker';
import { createBarHistory } from '@/server/application/signals/stored-bars';
import type { CloudEvent } from '@/server/contracts/event';
import type { RoleContext } from '../runtime/role';
import { proposed } from './proposed';
import type { SettingsWatch } from './settings-watch';

/** Symbols without features are looked for so often. */
const WARM_MS = 1_000;
/** Once all have them, so often: somebody may allow another one. */
const SETTLED_MS = 5_000;

const barSchema = z.object({ start_at: z.iso.datetime({ offset: true }) });

/** Feeds what closed to features and strategies. Every process that runs this takes its share of the symbols. */
export class BarFeed {
  private readonly book: BarBook;

  constructor(
    private readonly role: RoleContext,
    private readonly worker: SignalWorker,
    private readonly settings: SettingsWatch,
  ) {
    const { parts, log } = role;
    this.book = new BarBook({
      history: createBarHistory(parts.market, parts.history),
      features: parts.features,
      settings: () => settings.current(),
      onFaulty: (symbol, strategies) =>
        log.warn({ symbol, strategies }, 'strategies are on with parameters that they do not take: they do not run'),
    });
  }

  /** Once the candidates are stored the bar counts as handled: memos and orders come later. */
  async closed({ subject, data }: CloudEvent): Promise<void> {
    const startMs = Date.parse(barSchema.parse(data).start_at);
    const { candidates, features } = await this.book.closed(subject, startMs);
    for (const candidate of candidates) await this.worker.propose(proposed(candidate, features));
  }

  /** For the console; while strategies of the clock run, they say more. */
  private async sayWhatRuns(): Promise<void> {
    const { rows, initial } = await this.settings.current();
    const any = initial.length > 0 || rows.some(({ enabled }) => enabled);
    if (!any) this.role.status['strategies'] = 'off';
    else if (this.role.status['strategies'] === 'off') this.role.status['strategies'] = 'running';
  }

  /** Features of symbols whose bars were there before, so that the gate knows them before the next bar closes. */
  async warmUp(): Promise<void> {
    const { parts, log, signal } = this.role;
    while (!signal.aborted) {
      let missing = false;
      try {
        await this.sayWhatRuns();
        for (const symbol of await parts.market.wantedSymbols()) {
          if (signal.aborted) return;
          if (!(await this.book.warm(symbol))) missing = true;
        }
      } catch (error) {
        log.warn({ err: error }, 'features could not be made from stored bars');
        missing = true;
      }
      await parts.clock.sleep(missing ? WARM_MS : SETTLED_MS, signal);
    }
  }
}
