import type { StrategyStore } from '@/server/application/ports/strategy-store';
import type { Settings } from '@/server/application/signals/bar-book';

/** Settings are read at most this often: a change is followed within seconds. */
const MAX_AGE_MS = 1_000;

/** What is set of the strategies, hardly older than a second. */
export class SettingsWatch {
  private readMs = Number.NEGATIVE_INFINITY;
  private read: Promise<Settings> | null = null;

  constructor(
    private readonly store: Pick<StrategyStore, 'rows'>,
    private readonly initial: readonly string[],
  ) {}

  current(): Promise<Settings> {
    if (this.read !== null && performance.now() - this.readMs < MAX_AGE_MS) return this.read;
    this.readMs = performance.now();
    const read = this.store.rows().then((rows) => ({ rows, initial: this.initial }));
    this.read = read;
    // A failure is the asker's to see, and is not kept.
    read.catch(() => {
      if (this.read === read) this.read = null;
    });
    return read;
  }
}
