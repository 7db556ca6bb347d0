import type { Command } from 'commander';
import { EXIT } from '@/cli/run-admin';
import type { CheckLine } from '@/server/application/broker/check-line';
import type { VenueInfo } from '@/server/application/ports/broker';
import type { BrokerCheck, StackNow } from '@/server/composition/check';

interface Options {
  readonly symbol: string;
  /** False with --no-order. */
  readonly order: boolean;
  readonly besideWorker?: boolean;
  readonly live?: boolean;
  readonly json?: boolean;
}

const HELP = `
Needs the broker's address and keys (BROKER_URL, BROKER_KEY_ID, BROKER_SECRET_KEY; of the bundled simulator those in the data
folder), no database. Looks at the keys, the account, the clock, the stream of trade updates, market data and the rate limit,
and places one share at half of the bid, which it cancels at once. Not placed:
  --no-order           never
  on a live account    unless --live is given and the database says that the stage is M3_LIVE_SMALL
  beside a worker      unless --beside-worker is given: the worker would adopt the order with a break on the symbol

Examples:
  countersign broker check
  BROKER_URL=https://paper-api.alpaca.markets BROKER_KEY_ID=… BROKER_SECRET_KEY=… countersign broker check --json
Exit codes: 0 nothing failed, 1 something failed (each line says what to do), 2 wrong usage or no keys.`;

export function brokerCommand(program: Command): void {
  program
    .command('broker')
    .description('The broker that orders go to')
    .command('check')
    .description('Try all that trading needs of the broker')
    .option('--symbol <symbol>', 'symbol of the quote and the order', 'SPY')
    .option('--no-order', 'place no order')
    .option('--beside-worker', 'place the order though a worker runs')
    .option('--live', 'place the order on a live account too, where the stage allows it')
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) => {
      if (!/^[A-Z][A-Z0-9.-]{0,11}$/.test(options.symbol))
        command.error('error: --symbol is a symbol such as SPY', { exitCode: 2 });
      return check(options);
    });
}

/** Why the order is left out; null places it. */
export function orderSkipped(
  options: Pick<Options, 'order' | 'live' | 'besideWorker'>,
  stack: StackNow | null,
  { environment }: VenueInfo,
): string | null {
  if (!options.order) return 'left out by --no-order';
  if (environment === 'LIVE') {
    if (options.live !== true) return 'a live account: no order without --live';
    if (stack?.stage !== 'M3_LIVE_SMALL') return `a live account, and the stage is ${stack?.stage ?? 'not known'}`;
  }
  if (stack !== null && stack.workers > 0 && options.besideWorker !== true)
    return 'a worker runs and would adopt it with a break: stop it, or give --beside-worker';
  return null;
}

function shown({ result, name, detail, todo }: CheckLine): string {
  return `${result.padEnd(8)}${name.padEnd(13)}${detail}${todo === '' ? '' : `\n${' '.repeat(21)}→ ${todo}`}`;
}

async function check(options: Options): Promise<void> {
  const { openBrokerCheck, readStack } = await import('@/server/composition/check');
  const { checkBroker } = await import('@/server/application/broker/check-broker');
  const json = options.json === true;
  let opened: BrokerCheck | undefined;
  try {
    opened = openBrokerCheck();
    const { tools, where } = opened;
    if (!json) console.log(`broker  ${where}`);
    const stack = await readStack();
    const lines = await checkBroker(
      tools,
      { symbol: options.symbol, orderSkipped: (venue) => orderSkipped(options, stack, venue) },
      (line) => (json ? undefined : console.log(shown(line))),
    );
    const ok = lines.every(({ result }) => result !== 'failed');
    if (json) console.log(JSON.stringify({ ok, broker: where, checks: lines }));
    process.exitCode = ok ? EXIT.done : EXIT.refused;
  } catch (error) {
    process.exitCode = EXIT.unusable;
    console.error(error instanceof Error ? error.message : String(error));
  } finally {
    await opened?.close();
  }
}
