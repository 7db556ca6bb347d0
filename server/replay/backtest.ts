import { z } from 'zod';
import type { BarStore } from '@/server/application/ports/bar-store';
import { scenarioHeaderSchema } from '@/server/contracts/scenario';
import { newYorkDate } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import type { Period } from '@/server/domain/market/period';
import type { Strategy } from '@/server/domain/strategy/types';
import { ONE_MONEY } from '@/server/kernel/money';
import { sideSchema } from '@/server/kernel/vocabulary';
import { ReplayEngine } from '@/server/replay/engine';
import type { JournalSink } from '@/server/replay/journal';
import { prepareStrategies } from '@/server/replay/run-scenario';
import type { TradeRules } from '@/server/replay/signal-trades';
import { type EquityPoint, type RunStatistics, runStatistics, type TradeFill } from '@/server/replay/statistics';

export interface BacktestRequest {
  readonly strategy: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly symbols: readonly string[];
  readonly period: Period;
  /** Bars that end in (fromMs, toMs]; open-ended where null. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly cash: string;
  readonly feePerShare: string;
  readonly feeMin: string;
  /** Fields of the default policy to change. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Trades signals by these rules, without policy. Default: policy decides what is traded, and how much of it. */
  readonly rules?: TradeRules;
  /** Closes what is held at the open or the close of the last bar. */
  readonly closeAtEnd?: 'open' | 'close';
}

export interface BacktestReport {
  readonly bars: number;
  readonly barsInSession: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** What policy made of the signals, and how often each rule was hit. */
  readonly decisions: Readonly<Record<string, number>>;
  readonly hits: Readonly<Record<string, number>>;
  readonly statistics: RunStatistics;
  /** At the start, and at the end of each day. */
  readonly curve: readonly EquityPoint[];
  readonly trades: readonly TradeFill[];
}

/** There is nothing to run on, or it cannot be run so. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
}

const fillLine = z.object({
  at: z.iso.datetime(),
  symbol: z.string(),
  side: sideSchema,
  qty: z.coerce.number(),
  price: z.coerce.number(),
  fee: z.coerce.number().default(0),
  kind: z.string(),
});

const decisionLine = z.object({ decision: z.string(), reasons: z.array(z.object({ code: z.string() })) });

class Findings {
  readonly fills: TradeFill[] = [];
  readonly decisions: Record<string, number> = {};
  readonly hits: Record<string, number> = {};

  /** Picks fills and decisions out of the journal as it is written. */
  of(sink: JournalSink): JournalSink {
    return (line) => {
      if (line.endsWith('"type":"fill"}')) {
        const { at, symbol, side, qty, price, fee } = fillLine.parse(JSON.parse(line));
        this.fills.push({ symbol, side, qty, price, fee, atMs: Date.parse(at) });
      } else if (line.endsWith('"type":"decision"}')) {
        const { decision, reasons } = decisionLine.parse(JSON.parse(line));
        this.decisions[decision] = (this.decisions[decision] ?? 0) + 1;
        for (const { code } of reasons) this.hits[code] = (this.hits[code] ?? 0) + 1;
      }
      sink(line);
    };
  }
}

/** A day's bar is known when the market is closed. It counts as known a moment before, so that a signal trades at that close. */
const atTheClose = (bar: Bar): Bar => ({ ...bar, endMs: bar.endMs - 1 });

/** Bars of all symbols by the time they are known; of one time, by symbol. */
async function readAll(store: BarStore, request: BacktestRequest): Promise<Bar[]> {
  const { symbols, period, fromMs, toMs, rules, closeAtEnd } = request;
  const bars: Bar[] = [];
  for (const symbol of symbols) {
    const found = await store.read({ symbol, period, afterMs: fromMs, untilMs: toMs });
    if (found.length === 0) {
      const range = fromMs === null && toMs === null ? '' : ' in that time';
      throw new BacktestError(
        `no ${period} bars of ${symbol} are stored${range}: see "countersign bars list", bring bars in with "countersign import bars"`,
      );
    }
    const lastMs = found.at(-1)?.endMs;
    // With the next open to trade at, only the last day must be known before the close: for the closing trade.
    const early = ({ endMs }: Bar) =>
      period === '1d' && (rules?.fill !== 'next-open' || (closeAtEnd === 'close' && endMs === lastMs));
    for (const bar of found) bars.push(early(bar) ? atTheClose(bar) : bar);
  }
  if (symbols.length === 1) return bars;
  return bars.sort((a, b) => a.endMs - b.endMs || (a.symbol < b.symbol ? -1 : 1));
}

function headerOf(request: BacktestRequest, startMs: number) {
  const { strategy, params, symbols, cash, feePerShare, feeMin, policy } = request;
  const parsed = scenarioHeaderSchema.safeParse({
    scenario: 1,
    name: `backtest of ${strategy}`,
    start: new Date(startMs).toISOString(),
    cash,
    gate: request.rules === undefined ? 'on' : 'off',
    policy: { allowlist: symbols, ...policy },
    exchange: { mode: 'bars', fee_per_share: feePerShare, fee_min: feeMin },
    strategies: symbols.map((symbol) => ({ name: strategy, symbol, params })),
  });
  if (parsed.success) return parsed.data;
  const { path = [], message = 'is invalid' } = parsed.error.issues[0] ?? {};
  throw new BacktestError(`${path.join('.')}: ${message}`);
}

const dollars = (money: bigint) => Number(money / (ONE_MONEY / 1_000_000n)) / 1e6;

/**
 * Runs a strategy over stored bars with the replay engine: the same policy, exchange and books as everywhere. The same bars
 * and settings give the same journal, byte for byte.
 * @param sink takes the journal's lines
 * @throws BacktestError, ScenarioError for an unknown strategy or its parameters
 */
export async function backtest(
  store: BarStore,
  request: BacktestRequest,
  strategyOf: (name: string) => Strategy | undefined,
  sink: JournalSink,
  progress?: (done: number, total: number) => void,
): Promise<BacktestReport> {
  if (strategyOf(request.strategy)?.input === 'ticks')
    throw new BacktestError(`${request.strategy} is driven by quotes: on bars it proposes nothing`);
  const bars = await readAll(store, request);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) throw new BacktestError('there are no bars to run on');
  const header = headerOf(request, first.startMs);
  const lastBars = new Map(bars.map((bar) => [bar.symbol, bar]));
  const findings = new Findings();
  const engine = new ReplayEngine(
    header,
    prepareStrategies(header, strategyOf),
    findings.of(sink),
    undefined,
    request.rules,
  );
  const curve: EquityPoint[] = [{ atMs: first.startMs, equity: dollars(engine.account.equity()) }];
  let day = newYorkDate(first.startMs);
  for (const [index, bar] of bars.entries()) {
    const date = newYorkDate(bar.startMs);
    if (date !== day) {
      curve.push({ atMs: engine.nowMs, equity: dollars(engine.account.equity()) });
      progress?.(index, bars.length);
      day = date;
    }
    if (request.closeAtEnd === 'open' && lastBars.get(bar.symbol) === bar) engine.closeAtOpen(bar);
    engine.bar(bar);
  }
  if (request.closeAtEnd === 'close') engine.closeAll();
  const counts = engine.finish();
  curve.push({ atMs: last.endMs, equity: dollars(engine.account.equity()) });
  progress?.(bars.length, bars.length);
  return {
    bars: counts.bars,
    barsInSession: counts.barsInSession,
    fromMs: first.startMs,
    toMs: last.endMs,
    decisions: findings.decisions,
    hits: findings.hits,
    statistics: runStatistics(curve, findings.fills),
    curve,
    trades: findings.fills,
  };
}
