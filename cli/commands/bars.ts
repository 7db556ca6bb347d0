import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatMoment, formatTable, missingUnit } from '@/cli/format';
import { barsStore, historyFault } from '@/cli/history';
import { splits } from '@/cli/split-option';
import { exportBars } from '@/server/application/history/export-bars';
import { type RepairReport, repairHistory } from '@/server/application/history/repair-history';
import { type HoldingReport, verifyHistory } from '@/server/application/history/verify-history';
import type { BarHolding } from '@/server/application/ports/bar-store';
import { symbolSchema } from '@/server/contracts/symbol';
import { PERIODS, type Period } from '@/server/domain/market/period';
import type { BarSpan, RepairRequest } from '@/server/domain/market/repair-bars';
import { formatUnits } from '@/server/kernel/money';

const SHOWN = 20;

export function barsCommand(program: Command): void {
  const bars = program.command('bars').description('The stored history of bars');
  bars
    .command('list')
    .description('What is stored')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) => withStore((store) => list(store, options.json === true)));
  bars
    .command('verify')
    .description('Check gaps against the calendar, the sanity and spacing of bars, jumps, and minutes against days')
    .option('--symbol <symbol>', 'only this symbol')
    .option('--json', 'print one JSON array')
    .addHelpText(
      'after',
      '\nExit codes: 0 whole, 1 something is missing, impossible or does not add up, 2 wrong usage or an unreadable file.',
    )
    .action((options: { symbol?: string; json?: boolean }, command: Command) => {
      const symbol = options.symbol === undefined ? null : symbolSchema.safeParse(options.symbol);
      if (symbol !== null && !symbol.success)
        return command.error(`error: --symbol ${options.symbol}: ${symbol.error.issues[0]?.message}`, { exitCode: 2 });
      return withStore((store) => verify(store, symbol === null ? null : symbol.data, options.json === true));
    });
  bars
    .command('repair')
    .description('Show, and with --apply do, what mends the faults that verify finds in a symbol')
    .requiredOption('--symbol <symbol>', 'symbol to mend', symbolOf)
    .option('--drop <date>', 'remove the bars of this New York date; may be given several times', dates, [])
    .option(
      '--split <date:ratio>',
      'adjust the bars before a split, such as 2020-08-31:4 or 2023-05-01:1/8',
      splits,
      [],
    )
    .option('--remove <from/to>', 'remove the bars that start from one UTC time to another, both included', spans, [])
    .option('--move <from/to=symbol>', 'give these bars to the symbol that they belong to', moves, [])
    .option('--apply', 'do it; without it nothing is changed')
    .addHelpText('after', REPAIR_HELP)
    .action(({ symbol, split, apply, ...asked }: RepairOptions) =>
      withStore((store) => repair(store, symbol, { ...asked, splits: split, apply: apply === true })),
    );
  bars
    .command('export')
    .description('Write stored bars to a CSV file')
    .requiredOption('--symbol <symbol>', 'symbol to write', symbolOf)
    .addOption(new Option('--period <period>', 'bars to write').choices([...PERIODS]).default('1m'))
    .requiredOption('--out <file>', 'file to write; it is replaced')
    .addHelpText(
      'after',
      '\nThe file reads back exactly: countersign import bars FILE --format alpaca (with --sparse, or --period,\nwhere few bars leave their length open).\nExit codes: 0 written, 1 nothing is stored, 2 wrong usage or an unreadable file.',
    )
    .action((options: { symbol: string; period: Period; out: string }) =>
      withStore((store) => exportTo(store, options.symbol, options.period, options.out)),
    );
}

const REPAIR_HELP = `
Minutes that lie a second or less off the whole minute are moved to it; bars on dates without a session, which times that do not
exist have become, are removed. Everything else has more than one explanation and is refused, with the options that settle it:
--split, --move, --remove, or --drop DATE and another import. A split that the bars before it are adjusted for is refused.

Examples:
  countersign bars repair --symbol SPY
  countersign bars repair --symbol SPY --drop 2024-03-07 --apply
  countersign bars repair --symbol AAPL --split 2020-08-31:4
  countersign bars repair --symbol AAPL --move 2024-01-02T14:32:00Z/2024-01-02T14:33:00Z=SPY --apply
Exit codes: 0 nothing is left to mend, 1 something is refused or not applied yet, 2 wrong usage or an unreadable file.`;

interface RepairOptions {
  readonly symbol: string;
  readonly drop: readonly string[];
  readonly split: NonNullable<RepairRequest['splits']>;
  readonly remove: readonly BarSpan[];
  readonly move: NonNullable<RepairRequest['move']>;
  readonly apply?: boolean;
}

function spanOf(text: string): BarSpan {
  const [from = '', to = '', ...more] = text.split('/');
  const zoned = [from, to].every((time) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*Z$/.test(time));
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  if (!zoned || more.length > 0 || !(fromMs <= toMs))
    throw new InvalidArgumentError('must be two UTC times, such as 2024-01-02T14:32:00Z/2024-01-02T14:40:00Z');
  return { fromMs, toMs };
}

const spans = (text: string, before: readonly BarSpan[]): readonly BarSpan[] => [...before, spanOf(text)];

function moves(text: string, before: NonNullable<RepairRequest['move']>): NonNullable<RepairRequest['move']> {
  const [span = '', symbol = ''] = text.split('=');
  return [...before, { ...spanOf(span), symbol: symbolOf(symbol) }];
}

function symbolOf(text: string): string {
  const symbol = symbolSchema.safeParse(text);
  if (!symbol.success) throw new InvalidArgumentError(symbol.error.issues[0]?.message ?? 'is no symbol');
  return symbol.data;
}

function dates(text: string, before: readonly string[]): readonly string[] {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('must be yyyy-MM-dd');
  return [...before, text];
}

function describeRepair({ holding, actions, refused }: RepairReport, apply: boolean): string[] {
  const { symbol, period } = holding;
  const named = (lines: readonly string[]) => [
    ...lines.slice(0, SHOWN),
    ...(lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : []),
  ];
  const head =
    actions.length + refused.length === 0
      ? 'nothing to mend'
      : `${actions.length} change(s)${apply ? ' made' : ''}, ${refused.length} refused`;
  return [
    `${symbol} ${period}: ${head}`,
    ...named(actions).map((line) => `  ${line}`),
    ...named(refused.map((reason) => `refused  ${reason}`)).map((line) => `  ${line}`),
  ];
}

async function repair(
  store: Store,
  symbol: string,
  request: RepairRequest & { readonly apply: boolean },
): Promise<number> {
  const { apply } = request;
  const reports = await repairHistory(store, symbol, request);
  if (reports.length === 0) console.log(`Nothing is stored of ${symbol}.`);
  for (const report of reports) for (const line of describeRepair(report, apply)) console.log(line);
  const due = reports.some(({ actions }) => actions.length > 0);
  const { drop = [], remove = [], move = [], splits: stated = [] } = request;
  const missed = !due && reports.length > 0 && drop.length + remove.length + move.length + stated.length > 0;
  if (missed) console.log('No stored bar is concerned by what was asked for.');
  if (due && !apply) console.log('Nothing was changed: --apply does it.');
  return reports.some(({ refused }) => refused.length > 0) || missed || (due && !apply) ? 1 : 0;
}

async function exportTo(store: Store, symbol: string, period: Period, file: string): Promise<number> {
  const holding = (await store.holdings()).find((each) => each.symbol === symbol && each.period === period);
  if (holding === undefined) {
    console.error(`no ${period} bars of ${symbol} are stored`);
    return 1;
  }
  const out = createWriteStream(file);
  await once(out, 'open');
  for await (const text of exportBars(store, holding)) if (!out.write(text)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  console.log(`${symbol} ${period}: ${holding.bars} bars written to ${file}`);
  return 0;
}

type Store = Awaited<ReturnType<typeof barsStore>>;

async function withStore(work: (store: Store) => Promise<number>): Promise<void> {
  const store = await barsStore();
  try {
    process.exitCode = await work(store);
  } catch (error) {
    process.exitCode = historyFault(error, 'history');
  } finally {
    await store.close();
  }
}

const row = ({ symbol, period, bars, fromMs, toMs, files, bytes }: BarHolding) => [
  symbol,
  period,
  String(bars),
  formatMoment(new Date(fromMs)),
  formatMoment(new Date(toMs)),
  String(files),
  String(bytes),
];

async function list(store: Store, json: boolean): Promise<number> {
  const holdings = await store.holdings();
  console.log(
    json
      ? JSON.stringify(holdings)
      : formatTable(
          ['symbol', 'period', 'bars', 'from', 'to', 'files', 'bytes'],
          holdings.map(row),
          'Nothing is stored yet. Bring bars in with: countersign import bars FILE --symbol S --format csv',
        ),
  );
  return 0;
}

const faulty = ({ gaps, bad, differences, longerPeriodMinutes }: HoldingReport) =>
  gaps.length + bad.length + differences.length > 0 || longerPeriodMinutes !== null;

function describe(report: HoldingReport): string[] {
  const { holding, gaps, bad, jumps, longerPeriodMinutes, compared, differences } = report;
  const missing = gaps.reduce((sum, { bars }) => sum + bars, 0);
  const unit = missingUnit(holding.period);
  const details = [
    ...(longerPeriodMinutes === null
      ? []
      : [`  period   the bars are ${longerPeriodMinutes} minutes apart: longer bars, or only some of the minutes`]),
    ...jumps.map(
      ({ date, from, to, split }) =>
        `  jump     ${date}  opens at ${formatUnits(to)} after a close of ${formatUnits(from)}${split === null ? '' : `, as after a split of ${split}`}`,
    ),
    ...gaps.map(
      (gap) =>
        `  missing  ${gap.date}  ${formatMoment(new Date(gap.fromMs))} to ${formatMoment(new Date(gap.toMs))}  ${gap.bars}`,
    ),
    ...bad.map(({ endMs, fault }) => `  bad bar  ${formatMoment(new Date(endMs))}  ${fault.toLowerCase()}`),
    ...differences.map(
      ({ date, field, minutes, day }) =>
        `  totals   ${date}  ${field}: minutes ${formatUnits(minutes)}, day ${formatUnits(day)}`,
    ),
  ];
  const more = details.length > SHOWN ? [`  … and ${details.length - SHOWN} more`] : [];
  const totals =
    compared === 0 ? 'no day to compare with' : `${compared} day(s) compared, ${differences.length} figure(s) differ`;
  return [
    `${holding.symbol} ${holding.period}: ${holding.bars} bars, ${missing} ${unit} missing in ${gaps.length} gap(s), ${bad.length} bad, ${totals}`,
    ...details.slice(0, SHOWN),
    ...more,
  ];
}

async function verify(store: Store, symbol: string | null, json: boolean): Promise<number> {
  const reports = await verifyHistory(store, symbol);
  const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? formatUnits(value) : value);
  if (json) console.log(JSON.stringify(reports, asText));
  else if (reports.length === 0)
    console.log(symbol === null ? 'Nothing is stored yet.' : `Nothing is stored of ${symbol}.`);
  else for (const report of reports) for (const line of describe(report)) console.log(line);
  return reports.some(faulty) ? 1 : 0;
}
