import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { formatMoment, formatTable } from '@/cli/format';
import { cliCommandActor, EXIT, refuse, runAdmin } from '@/cli/run-admin';
import type { Admin } from '@/server/composition/admin';
import type { TieOutDetail } from '@/server/contracts/console/reconciliation';

const HELP = `
The worker compares positions, cash, fees, open orders, today's fills and open breaks with the broker's, and keeps the
report. This also happens after every session's close.

Examples:
  countersign tieout --wait
  countersign tieout list
Exit codes: 0 asked for, or clean, 1 it differs or failed (with --wait), 2 wrong usage or the database cannot be reached.`;

const LOOK_EVERY_MS = 250;
const SHOWN = 30;

interface Options {
  readonly wait?: boolean | string;
  readonly json?: boolean;
}

export function tieoutCommand(program: Command): void {
  const tieout = program
    .command('tieout')
    .description("Compare our books with the broker's now")
    .option('--wait [seconds]', 'wait for the report, 60 seconds by default')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) => {
      const { wait } = options;
      const seconds = wait === undefined || wait === false ? 0 : wait === true ? 60 : Number(wait);
      if (!(seconds >= 0 && seconds <= 3_600))
        return command.error('error: --wait is a number of seconds, at most 3600', { exitCode: 2 });
      return runAdmin((admin) => start(admin, seconds * 1_000, options.json === true));
    });
  tieout
    .command('list')
    .description('List the latest tie-outs, newest first')
    .action((_own: unknown, command: Command) => list(command.optsWithGlobals<Options>().json === true));
}

async function start(admin: Admin, waitMs: number, json: boolean): Promise<number> {
  const outcome = await admin.commands.requestTieOut(cliCommandActor());
  if (!outcome.ok) return refuse(outcome.message);
  const { tieOutId } = outcome;
  if (waitMs === 0) {
    console.log(json ? JSON.stringify({ tieOutId, status: 'WAITING' }) : `Asked for: ${tieOutId}`);
    return EXIT.done;
  }
  const found = await watch(admin, tieOutId, waitMs);
  if (found === null) return refuse('There is no report yet: that takes a running worker and the broker.');
  console.log(json ? JSON.stringify(found) : reportText(found));
  return found.row.status === 'CLEAN' ? EXIT.done : EXIT.refused;
}

async function watch(admin: Admin, id: string, waitMs: number): Promise<TieOutDetail | null> {
  const until = performance.now() + waitMs;
  for (;;) {
    const found = await admin.tieOut(id);
    if (found !== null && found.row.status !== 'WAITING') return found;
    if (performance.now() >= until) return null;
    await sleep(LOOK_EVERY_MS);
  }
}

const compared = z.object({ ours: z.string(), theirs: z.string(), difference: z.string() });
const reportSchema = z.object({
  cash: compared,
  fees: compared,
  orders: compared,
  fills: compared,
  positions: z.array(compared.extend({ symbol: z.string() })),
  breaks: z.array(z.object({ symbol: z.string(), cause: z.string() })),
});

function reportText({ row, report }: TieOutDetail): string {
  const head = `Tie-out of ${row.tradingDay}: ${row.status}${row.fault === null ? '' : `, ${row.fault}`}`;
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return head;
  const { cash, fees, orders, fills, positions, breaks } = parsed.data;
  const line = (what: string, { ours, theirs, difference }: z.output<typeof compared>) => [
    what,
    ours,
    theirs,
    Number(difference) === 0 ? '' : difference,
  ];
  const rows = [
    line('cash', cash),
    line('fees today', fees),
    line('open orders', orders),
    line('fills today', fills),
    ...positions.map((each) => line(each.symbol, each)),
  ];
  const table = formatTable(['WHAT', 'OURS', 'BROKER', 'DIFFERENCE'], rows, '');
  return [head, table, ...breaks.map(({ symbol, cause }) => `open break: ${cause} ${symbol}`)].join('\n');
}

function list(json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    const rows = await admin.tieOuts(SHOWN);
    if (json) console.log(JSON.stringify(rows));
    else {
      const lines = rows.map((row) => [
        row.tradingDay,
        row.kind === 'CLOSE' ? 'close' : 'asked for',
        row.status,
        formatMoment(row.finishedAt),
        row.requestedBy,
        row.fault ?? '',
      ]);
      console.log(formatTable(['DAY', 'WHY', 'STATUS', 'FINISHED', 'BY', 'FAULT'], lines, 'There is no tie-out yet.'));
    }
    return EXIT.done;
  });
}
