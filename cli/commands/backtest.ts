import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { backtestPage, type PricePoint } from '@/cli/backtest-page';
import { formatMoment } from '@/cli/format';
import { barsStore, historyFault } from '@/cli/history';
import { JournalFile } from '@/cli/journal-file';
import { symbolSchema } from '@/server/contracts/symbol';
import { PERIODS, type Period } from '@/server/domain/market/period';
import { findStrategy, STRATEGIES } from '@/server/domain/strategy';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { BacktestError, type BacktestReport, type BacktestRequest, backtest } from '@/server/replay/backtest';
import { ScenarioError } from '@/server/replay/scenario-file';
import type { TradeRules } from '@/server/replay/signal-trades';

interface Options {
  readonly strategy: string;
  readonly symbol: string[];
  readonly period: Period;
  readonly param: string[];
  readonly policy: string[];
  readonly from?: string;
  readonly to?: string;
  readonly cash: string;
  readonly feePerShare: string;
  readonly feeMin: string;
  readonly sizing: string;
  readonly short?: boolean;
  readonly fill: 'signal' | 'next-open';
  readonly closeAtEnd?: 'open' | 'close' | true;
  readonly report?: string;
  readonly journal?: string;
  readonly equity?: string;
  readonly json?: boolean;
}

const HELP = `
Runs over the stored history with the replay engine: the same policy, exchange and books as the running stack, no database.
The same bars and settings give the same journal, byte for byte: its SHA-256 is printed.
On daily bars a signal is judged a moment before the close and trades at the closing price.
What policy sends to a person is counted and does not trade: there is nobody to countersign.

With any other --sizing than policy, policy is not asked: every signal trades, as published results are computed. A signal
in the direction of the position changes nothing; one against it closes the position and, with --short or for a BUY, opens the
other. All-in, or a share of the cash, trades the whole shares that it pays for, fees included.

Examples:
  countersign backtest --strategy ema-cross --symbol SPY
  countersign backtest --strategy ema-cross --symbol SPY --from 2011-01-10 --to 2011-01-21 --equity curve.csv
  countersign backtest --strategy ema-cross --symbol AAPL --period 1d --param fast=5 --param slow=20 --json
  countersign backtest --strategy sma-cross --symbol ORCL --period 1d --cash 1000 --sizing 10 --short --fill next-open --report orcl.html
Exit codes: 0 ran, 2 wrong usage, no bars, or an unknown strategy or parameter.`;

const ON_BARS = STRATEGIES.filter(({ input }) => input === 'bars')
  .map(({ name }) => name)
  .join(', ');

const collect = (value: string, before: string[]) => [...before, value];

export function backtestCommand(program: Command): void {
  program
    .command('backtest')
    .description('Run a strategy over the stored history')
    .requiredOption('--strategy <name>', `one of ${ON_BARS}`)
    .option('--symbol <symbol>', 'symbol; may be given several times', collect, [])
    .addOption(new Option('--period <period>', 'bars to run on').choices([...PERIODS]).default('1m'))
    .option('--param <name=value>', 'parameter of the strategy; may be given several times', collect, [])
    .option('--policy <name=value>', 'field of the policy to change; may be given several times', collect, [])
    .option('--from <date>', 'first New York day, yyyy-MM-dd')
    .option('--to <date>', 'last day')
    .option('--cash <dollars>', 'cash at the start', '100000')
    .option('--fee-per-share <dollars>', 'fee a share', '0')
    .option('--fee-min <dollars>', 'least fee of a fill', '0')
    .option('--sizing <how>', 'policy, all-in, a share of the cash (95%), or a number of shares (10)', 'policy')
    .option('--short', 'a SELL without a holding sells short (not with --sizing policy)')
    .addOption(
      new Option(
        '--fill <when>',
        'trade when the signal comes, or at the open of the next bar (not with --sizing policy)',
      )
        .choices(['signal', 'next-open'])
        .default('signal'),
    )
    .addOption(
      new Option(
        '--close-at-end [price]',
        'close what is held at the open or the close (default) of the last bar',
      ).choices(['open', 'close']),
    )
    .option('--report <out>', 'write a report to this file: one HTML page that loads nothing')
    .option('--journal <out>', 'write the journal to this file')
    .option('--equity <out>', 'write the equity curve to this file: CSV, a point a day')
    .option('--json', 'print one JSON object, the equity curve included')
    .addHelpText('after', HELP)
    .action(async (options: Options, command: Command) => {
      const symbols = options.symbol.map((symbol) => symbolSchema.safeParse(symbol));
      if (symbols.length === 0 || symbols.some(({ success }) => !success))
        return command.error('error: --symbol needs a symbol, like --symbol SPY', { exitCode: 2 });
      process.exitCode = await run(options, [
        ...new Set(symbols.flatMap(({ data }) => (data === undefined ? [] : [data]))),
      ]);
    });
}

/** `name=value` pairs; values as JSON where they are JSON, as text where not. @throws BacktestError */
function pairs(given: readonly string[], option: string): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new BacktestError(`${option} ${text}: must be name=value`);
      const value = text.slice(at + 1);
      try {
        return [text.slice(0, at), JSON.parse(value)];
      } catch {
        return [text.slice(0, at), value];
      }
    }),
  );
}

/** Midnight before a day, or after it, well outside any session: bars of extended hours count as the day's. */
function dayBound(date: string | undefined, option: string, end: boolean): number | null {
  if (date === undefined) return null;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T05:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new BacktestError(`${option} ${date}: must be yyyy-MM-dd`);
  return end ? ms + 86_400_000 : ms;
}

function sizeOf(sizing: string): TradeRules['size'] | null {
  if (sizing === 'all-in') return { cashShare: parseUnits('1') };
  const [, figure = '', sign] = /^(\d{1,9}(?:\.\d{1,9})?)(%)?$/.exec(sizing) ?? [];
  if (!(Number(figure) > 0)) return null;
  if (sign === undefined) return { shares: parseUnits(figure) };
  return Number(figure) > 100 ? null : { cashShare: parseUnits(figure) / 100n };
}

/** @throws BacktestError */
function rulesOf({ sizing, short, fill }: Options): TradeRules | undefined {
  if (sizing === 'policy') {
    if (short === true)
      throw new BacktestError('--short needs --sizing all-in or a number of shares: policy never sells short');
    if (fill !== 'signal') throw new BacktestError('--fill next-open needs --sizing all-in or a number of shares');
    return undefined;
  }
  const size = sizeOf(sizing);
  if (size === null)
    throw new BacktestError(
      `--sizing ${sizing}: must be policy, all-in, a share of the cash such as 95%, or a number of shares`,
    );
  return { size, shorts: short === true, fill };
}

function requestOf(options: Options, symbols: readonly string[]): BacktestRequest {
  const { strategy, period, cash, feePerShare, feeMin } = options;
  const params = pairs(options.param, '--param');
  const policy = pairs(options.policy, '--policy');
  const fromMs = dayBound(options.from, '--from', false);
  const toMs = dayBound(options.to, '--to', true);
  const rules = rulesOf(options);
  const request = { strategy, params, symbols, period, fromMs, toMs, cash, feePerShare, feeMin, policy };
  const closeAtEnd = options.closeAtEnd === true ? 'close' : options.closeAtEnd;
  return {
    ...request,
    ...(rules === undefined ? {} : { rules }),
    ...(closeAtEnd === undefined ? {} : { closeAtEnd }),
  };
}

async function run(options: Options, symbols: readonly string[]): Promise<number> {
  const store = await barsStore();
  const hash = createHash('sha256');
  let journal: JournalFile | null = null;
  try {
    const request = requestOf(options, symbols);
    journal = options.journal === undefined ? null : JournalFile.open(options.journal);
    const startedMs = performance.now();
    const report = await backtest(
      store,
      request,
      findStrategy,
      (line) => {
        hash.update(line).update('\n');
        journal?.write(line);
      },
      process.stderr.isTTY === true && options.json !== true ? showProgress : undefined,
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const sha256 = hash.digest('hex');
    const { curve, trades, ...figures } = report;
    if (options.equity !== undefined) writeFileSync(options.equity, curveText(curve));
    if (options.report !== undefined)
      writeFileSync(options.report, backtestPage(report, request, await pricesOf(store, request)));
    console.log(
      options.json === true
        ? JSON.stringify({ ...figures, curve, trades, seconds, journal_sha256: sha256 })
        : text(report, request, seconds, sha256),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof BacktestError || error instanceof ScenarioError))
      return historyFault(error, options.equity ?? options.journal ?? '');
    console.error(error instanceof ScenarioError ? error.reason : error.message);
    return 2;
  } finally {
    journal?.close();
    await store.close();
  }
}

/** Closes of each symbol of a run, for the chart. */
async function pricesOf(
  store: Awaited<ReturnType<typeof barsStore>>,
  { symbols, period, fromMs, toMs }: BacktestRequest,
): Promise<ReadonlyMap<string, readonly PricePoint[]>> {
  const prices = new Map<string, readonly PricePoint[]>();
  for (const symbol of symbols) {
    const bars = await store.read({ symbol, period, afterMs: fromMs, untilMs: toMs });
    prices.set(
      symbol,
      bars.map(({ endMs, close }) => ({ atMs: endMs, value: Number(formatUnits(close)) })),
    );
  }
  return prices;
}

/** What is lost from the highest point before is the drawdown. */
function curveText(curve: BacktestReport['curve']): string {
  let peak = Number.NEGATIVE_INFINITY;
  const lines = curve.map(({ atMs, equity }) => {
    peak = Math.max(peak, equity);
    return `${new Date(atMs).toISOString()},${equity.toFixed(6)},${((peak - equity) / peak).toFixed(6)}`;
  });
  return `${['time,equity,drawdown', ...lines].join('\n')}\n`;
}

function showProgress(done: number, total: number): void {
  process.stderr.write(`\r  ${done} of ${total} bars${done === total ? '\n' : ''}`);
}

const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(2)}%`);
const counts = (of: Readonly<Record<string, number>>) => {
  const named = Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  return named.length === 0 ? 'none' : named.map(([name, count]) => `${count} ${name}`).join(', ');
};
const amount = (value: number | null) => (value === null ? '—' : value.toFixed(2));

function text(
  { bars, barsInSession, fromMs, toMs, decisions, hits, statistics: s }: BacktestReport,
  request: BacktestRequest,
  seconds: number,
  sha256: string,
): string {
  return [
    `${request.strategy} on ${request.symbols.join(', ')} ${request.period}, ${formatMoment(new Date(fromMs))} to ${formatMoment(new Date(toMs))}`,
    `bars           ${bars}, ${barsInSession} in session, in ${seconds.toFixed(2)} s`,
    `decisions      ${counts(decisions)}   ${counts(hits)}`.trimEnd(),
    `equity         ${amount(s.startEquity)} to ${amount(s.endEquity)}   ${percent(s.totalReturn)}`,
    `max drawdown   ${percent(s.maxDrawdown)}`,
    `sharpe         ${amount(s.sharpe)}`,
    `fills          ${s.fills}, fees ${amount(s.fees)}, turnover ${amount(s.turnover)} × equity`,
    `round trips    ${s.roundTrips}, won ${percent(s.winRate)}, profit factor ${amount(s.profitFactor)}, average win ${amount(s.averageWin)}, loss ${amount(s.averageLoss)}`,
    `journal sha256: ${sha256}`,
  ].join('\n');
}
