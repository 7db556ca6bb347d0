import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { formatMoment, formatTable } from '@/cli/format';
import { cliCommandActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import type { Admin } from '@/server/composition/admin';
import { type DrillDetail, type DrillRow, drillInputSchema } from '@/server/contracts/console/execution';

const HELP = `
The worker places this many orders far below the market, through the gate as any strategy's, waits until they work, halts
trading, and measures until nothing works any more. Trading stays HALTED afterwards: an administrator releases it in the
console. Never run on a live account. A stage that wants a person for every trade wants the drill started from the console.

Examples:
  countersign drill --orders 20 --wait
  countersign drill list
${EXIT_CODES}`;

const LOOK_EVERY_MS = 500;
const SHOWN = 20;

interface Options {
  readonly orders: string;
  readonly symbol?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function drillCommand(program: Command): void {
  const drill = program
    .command('drill')
    .description('Rehearse the kill switch and store what was measured')
    .option('--orders <n>', 'how many orders work when trading is halted', '20')
    .option('--symbol <symbol>', 'of which symbol; any allowed one without it')
    .option('--wait', 'wait for the result; exit code 1 when the drill failed')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) => {
      const { symbol } = options;
      const input = drillInputSchema.safeParse({
        orders: Number(options.orders),
        ...(symbol === undefined ? {} : { symbol }),
      });
      if (!input.success || input.data.orders < 1)
        return command.error('error: --orders is a number from 1 to 500, --symbol a symbol', { exitCode: 2 });
      const { orders, symbol: wanted } = input.data;
      const asked = wanted === undefined ? { orders } : { orders, symbol: wanted };
      return runAdmin((admin) => start(admin, asked, options));
    });
  drill
    .command('list')
    .description('List the latest drills, newest first')
    .action((_own: unknown, command: Command) => list(command.optsWithGlobals<{ json?: boolean }>().json === true));
}

const shown = (value: number | null, unit = '') => (value === null ? '—' : `${value}${unit}`);

async function start(
  admin: Admin,
  drill: { readonly orders: number; readonly symbol?: string },
  { wait, json }: Options,
): Promise<number> {
  const outcome = await admin.commands.requestDrill(cliCommandActor(), drill);
  if (!outcome.ok) return refuse(outcome.message);
  const say = json === true ? () => undefined : (line: string) => console.log(line);
  say(`requested  ${outcome.drillId}`);
  if (wait !== true) {
    if (json === true) console.log(JSON.stringify({ drillId: outcome.drillId }));
    return EXIT.done;
  }
  const { row, report } = await untilFinished(admin, outcome.drillId, say);
  if (json === true) console.log(JSON.stringify({ ...row, report }));
  else say(describe(row));
  return row.status === 'PASSED' ? EXIT.done : EXIT.refused;
}

async function untilFinished(admin: Admin, id: string, say: (line: string) => void): Promise<DrillDetail> {
  let last = '';
  for (;;) {
    const found = await admin.drill(id);
    if (found === null) throw new Error(`the drill ${id} is gone`);
    const { status } = found.row;
    if (status !== last && status !== 'REQUESTED') say(status.toLowerCase());
    if (found.row.finishedAt !== null) return found;
    last = status;
    await sleep(LOOK_EVERY_MS);
  }
}

function describe(row: DrillRow): string {
  const lines = [
    `working       ${shown(row.working)} of ${row.orders} when trading was halted`,
    `acknowledged  ${shown(row.acknowledgedMs, ' ms')}`,
    `verified      ${shown(row.verifiedMs, ' ms')}`,
    `cancelled     ${shown(row.cancelled)}, filled before their cancel ${shown(row.filled)}`,
    `after halt    ${shown(row.fillsAfterHalt)} fill(s)`,
    ...(row.fault === null ? [] : [`fault         ${row.fault}`]),
    ...(row.haltId === null ? [] : ['Trading is halted until an administrator releases it.']),
  ];
  return lines.join('\n');
}

function list(json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    const all = await admin.drills(SHOWN);
    if (json) console.log(JSON.stringify(all));
    else {
      const rows = all.map((row) => [
        formatMoment(row.requestedAt),
        row.status,
        `${row.environment} ${row.symbol}`,
        `${shown(row.working)}/${row.orders}`,
        shown(row.acknowledgedMs),
        shown(row.verifiedMs),
        shown(row.cancelled),
        shown(row.filled),
        shown(row.fillsAfterHalt),
        row.requestedBy,
        row.fault ?? '',
      ]);
      const headings = ['REQUESTED', 'STATUS', 'WHERE', 'WORKING', 'ACK MS', 'VERIFIED MS', 'CANCELLED', 'FILLED'];
      console.log(formatTable([...headings, 'AFTER', 'BY', 'FAULT'], rows, 'No drill was ever run.'));
    }
    return EXIT.done;
  });
}
