import type { Command } from 'commander';
import { formatMoment, formatTable } from '@/cli/format';
import { barsStore, historyFault } from '@/cli/history';
import { type HoldingReport, verifyHistory } from '@/server/application/history/verify-history';
import type { BarHolding } from '@/server/application/ports/bar-store';
import { symbolSchema } from '@/server/contracts/symbol';
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
  const unit = holding.period === '1m' ? 'regular minute(s)' : 'session(s)';
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
