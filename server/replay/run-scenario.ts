import type { ScenarioHeader } from '@/server/contracts/scenario';
import type { Bar } from '@/server/domain/exchange/types';
import { createRun } from '@/server/domain/strategy/stop-distance';
import type { Strategy } from '@/server/domain/strategy/types';
import { type ReplayCounts, ReplayEngine } from '@/server/replay/engine';
import type { Comparison } from '@/server/replay/expectations';
import type { JournalSink } from '@/server/replay/journal';
import { type NumberedLine, type Scenario, ScenarioError } from '@/server/replay/scenario-file';
import type { StrategySetup } from '@/server/replay/strategy-runner';

/** A comparison that did not hold, and the line that asked for it. */
export interface Failure extends Comparison {
  readonly line: number;
}

export interface ReplayReport extends ReplayCounts {
  /** Expect lines of which everything held. */
  readonly held: number;
  readonly failed: number;
  readonly failures: readonly Failure[];
  readonly engine: ReplayEngine;
}

export interface RunOptions {
  readonly sink: JournalSink;
  /** The registered strategy of a name; `undefined` when there is none. */
  readonly strategyOf: (name: string) => Strategy | undefined;
  /** Bars from outside the file, in order of their end. They come before lines of the same time. */
  readonly bars?: Iterable<Bar>;
  /** Symbol of those bars. */
  readonly barsSymbol?: string;
}

/** Makes the header's strategies. @throws ScenarioError for an unknown one or for parameters it does not take */
export function prepareStrategies(header: ScenarioHeader, strategyOf: RunOptions['strategyOf']): StrategySetup[] {
  return header.strategies.map(({ name, symbol, params }) => {
    const strategy = strategyOf(name);
    if (strategy === undefined) throw new ScenarioError(1, `strategies: there is no strategy ${name}`);
    const parsed = strategy.params.safeParse(params);
    if (!parsed.success) {
      const { path = [], message = 'is invalid' } = parsed.error.issues[0] ?? {};
      throw new ScenarioError(1, `strategies: ${[name, ...path].join('.')}: ${message}`);
    }
    return {
      symbol,
      input: strategy.input,
      run: createRun(strategy, parsed.data),
      usesFeatures: strategy.usesFeatures?.(parsed.data) ?? true,
    };
  });
}

/** Expects after the last event look at the end of all bars, except `refused`, which is about the line before it. */
function splitClosing(lines: readonly NumberedLine[]): { body: NumberedLine[]; closing: NumberedLine[] } {
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.line.type === 'expect') end -= 1;
  const tail = lines.slice(end);
  const isRefusal = ({ line }: NumberedLine) => line.type === 'expect' && line.refused !== undefined;
  return {
    body: [...lines.slice(0, end), ...tail.filter(isRefusal)],
    closing: tail.filter((each) => !isRefusal(each)),
  };
}

/** Symbols of which there are trade bars, and bars of both sides. */
function barSymbols({ lines }: Scenario, given: string | undefined) {
  const trades = new Set(given === undefined ? [] : [given]);
  const quotes = new Set<string>();
  for (const { line } of lines) {
    if (line.type === 'bar') trades.add(line.symbol);
    else if (line.type === 'quote_bar') quotes.add(line.symbol);
  }
  return { trades, quotes };
}

/** Runs a whole scenario. @throws ScenarioError before anything ran, when a strategy is unknown */
export function runScenario(scenario: Scenario, options: RunOptions): ReplayReport {
  const { header } = scenario;
  const bars = barSymbols(scenario, options.barsSymbol);
  const engine = new ReplayEngine(header, prepareStrategies(header, options.strategyOf), options.sink, bars);
  const failures: Failure[] = [];
  let held = 0;
  let failed = 0;
  const play = ({ number, line }: NumberedLine) => {
    if (line.type !== 'expect') {
      engine.apply(line);
      return;
    }
    const missed = engine.check(line).filter((comparison) => !comparison.held);
    if (missed.length === 0) held += 1;
    else failed += 1;
    for (const each of missed) failures.push({ line: number, ...each });
  };
  const given = options.bars?.[Symbol.iterator]();
  if (given === undefined) for (const each of scenario.lines) play(each);
  else {
    const { body, closing } = splitClosing(scenario.lines);
    let next = nextBar(given, header.start);
    for (const each of body) {
      const { at } = each.line;
      for (; next !== null && at !== undefined && next.endMs <= at; next = nextBar(given, header.start))
        engine.bar(next);
      play(each);
    }
    for (; next !== null; next = nextBar(given, header.start)) engine.bar(next);
    for (const each of closing) play(each);
  }
  return { ...engine.finish(), held, failed, failures, engine };
}

/** The next bar that does not end before the scenario starts. */
function nextBar(bars: Iterator<Bar>, startMs: number): Bar | null {
  for (let next = bars.next(); next.done !== true; next = bars.next()) {
    if (next.value.endMs >= startMs) return next.value;
  }
  return null;
}
