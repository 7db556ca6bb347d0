import type { FeatureStore } from '@/server/application/ports/feature-store';
import type { Bar } from '@/server/domain/exchange/types';
import type { FeatureSnapshot } from '@/server/domain/features';
import { type SignalCandidate, STRATEGIES, toStrategyBar } from '@/server/domain/strategy';
import type { SettingRow } from '@/server/domain/strategy/settings';
import { type Chosen, chooseStrategies, SymbolRun, windowStartMs } from '@/server/domain/strategy/symbol-run';

const DAY_MS = 86_400_000;

/** Bars that closed, wherever they are kept. */
export interface BarHistory {
  /** Bars of a symbol that start in (afterMs, untilMs], oldest first. */
  newest(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]>;
  /** The same, with what has been moved out of the way of daily use. */
  complete(symbol: string, afterMs: number, untilMs: number): Promise<readonly Bar[]>;
  /** Start of the newest bar; null where there is none. */
  lastStartMs(symbol: string): Promise<number | null>;
}

export interface Settings {
  readonly rows: readonly SettingRow[];
  readonly initial: readonly string[];
}

export interface BarBookParts {
  readonly history: BarHistory;
  readonly features: FeatureStore;
  readonly settings: () => Promise<Settings>;
  /** Told of strategies that are on with parameters that they do not take. */
  readonly onFaulty: (symbol: string, strategies: readonly string[]) => void;
}

/** What a bar brought. */
export interface Closed {
  readonly candidates: readonly SignalCandidate[];
  /** As of that bar; null when the bar is nowhere to be found. */
  readonly features: FeatureSnapshot | null;
}

interface State {
  /** What runs, with versions and parameters. */
  readonly key: string;
  readonly day: number;
  readonly run: SymbolRun;
  lastMs: number;
}

const dayOf = (startMs: number) => Math.floor(startMs / DAY_MS);

const keyOf = ({ enabled }: Chosen) => enabled.map(({ key }) => key).join('\n');

/**
 * Features and strategies of every symbol, brought forward bar by bar. What it says of a bar follows from the stored bars and the
 * settings alone: a run starts again, from the same first bar in every process, at each UTC day, when its settings change, and
 * when a bar comes that is not after its last one (it came late, or its handling failed half way).
 */
export class BarBook {
  private readonly states = new Map<string, State>();
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: BarBookParts) {}

  /** Takes in everything up to the bar that starts then. @returns what is proposed at that bar; at those before nobody acts */
  closed(symbol: string, startMs: number): Promise<Closed> {
    return this.inTurn(symbol, () => this.bringForward(symbol, startMs));
  }

  /** Features of a symbol from what is stored of it, without acting. @returns whether anything is stored */
  warm(symbol: string): Promise<boolean> {
    return this.inTurn(symbol, async () => {
      if (this.states.has(symbol)) return true;
      const startMs = await this.parts.history.lastStartMs(symbol);
      if (startMs === null) return false;
      await this.bringForward(symbol, startMs);
      return true;
    });
  }

  private async bringForward(symbol: string, startMs: number): Promise<Closed> {
    const { history, features, settings, onFaulty } = this.parts;
    const { rows, initial } = await settings();
    const bars = STRATEGIES.filter(({ input }) => input === 'bars');
    const chosen = chooseStrategies(bars, rows, initial, symbol);
    const key = keyOf(chosen);
    const known = this.states.get(symbol);
    const goesOn = known?.key === key && known.day === dayOf(startMs) && known.lastMs < startMs;
    if (!goesOn && chosen.faulty.length > 0) onFaulty(symbol, chosen.faulty);
    const state = goesOn
      ? known
      : { key, day: dayOf(startMs), run: new SymbolRun(symbol, chosen.enabled), lastMs: Number.NEGATIVE_INFINITY };
    const missing = goesOn
      ? await history.newest(symbol, state.lastMs, startMs)
      : await history.complete(symbol, windowStartMs(startMs, chosen.enabled) - 1, startMs);
    let candidates: readonly SignalCandidate[] = [];
    let found = false;
    for (const bar of missing) {
      const proposed = state.run.next(toStrategyBar(bar));
      state.lastMs = bar.startMs;
      found = bar.startMs === startMs;
      candidates = found ? proposed : [];
    }
    this.states.set(symbol, state);
    const record = state.run.record();
    if (record !== null && missing.length > 0) await features.write([record]);
    return { candidates, features: found ? (record?.snapshot ?? null) : null };
  }

  /** One at a time a symbol: the warm-up and a bar may want the same one. */
  private inTurn<T>(symbol: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(symbol) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(symbol, mine);
    return mine;
  }
}
