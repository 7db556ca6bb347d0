import type { Command } from 'commander';
import { z } from 'zod';
import { ageText, formatMoment, formatTable, sideText } from '@/cli/format';
import { cliCommandActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { reasonSchema } from '@/server/contracts/text';

const EXAMPLES = `
A break is a difference between our books and the broker's that the reconciliation cannot explain. While one is open, its
symbol takes no new orders and trading cannot be released. It closes when both sides agree again. A position or
cash that still differs is resolved only with --accept: the broker's figures, as last read, are then booked as an adjustment.

Examples:
  countersign break list
  countersign break show 0198f2a0-0000-7000-8000-000000000001
  countersign break resolve 0198f2a0-0000-7000-8000-000000000001 --reason "sold by phone, see ticket 12"
  countersign break resolve 0198f2a0-0000-7000-8000-000000000001 --accept --reason "shares granted by the broker"
  countersign break close-order 0198f2a0-0000-7000-8000-00000000000a --reason "the broker has no such order"
${EXIT_CODES}`;

interface ResolveOptions {
  readonly reason: string;
  readonly accept?: boolean;
}

function orderId(id: string, command: Command): string {
  if (!z.uuid().safeParse(id).success)
    command.error(`error: "${id}" is not the id of an order; see: countersign break list`, { exitCode: 2 });
  return id.toLowerCase();
}

function breakId(id: string, command: Command): string {
  if (!z.uuid().safeParse(id).success)
    command.error(`error: "${id}" is not the id of a break; see: countersign break list`, { exitCode: 2 });
  return id.toLowerCase();
}

export function breakCommand(program: Command): void {
  const breaks = program
    .command('break')
    .description('Reconciliation breaks that wait for a person')
    .addHelpText('afterAll', EXAMPLES);
  breaks
    .command('list')
    .description('List open breaks, oldest first, with their age and both sides')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listBreaks(options.json === true));
  breaks
    .command('show')
    .description('Show one break with its history')
    .argument('<id>', 'id of the break, as in the list')
    .option('--json', 'print a JSON object')
    .action((id: string, options: { json?: boolean }, command: Command) =>
      showBreak(breakId(id, command), options.json === true),
    );
  breaks
    .command('resolve')
    .description('Close a break that you can answer for')
    .argument('<id>', 'id of the break, as in the list')
    .requiredOption('--reason <reason>', 'why; stored in the audit')
    .option('--accept', "book the broker's position or cash, as last read")
    .action((id: string, options: ResolveOptions, command: Command) => {
      const reason = reasonSchema.safeParse(options.reason);
      const checked = breakId(id, command);
      if (!reason.success) return command.error('error: a reason is one line of 1 to 500 characters', { exitCode: 2 });
      return resolveBreak(checked, reason.data, options.accept === true);
    });
  breaks
    .command('close-order')
    .description('Close an order that is live here and that the broker does not know (MISSING_AT_BROKER)')
    .argument('<order>', 'id of the order, as in the list')
    .requiredOption('--reason <reason>', 'why; stored in the audit')
    .action((id: string, options: { reason: string }, command: Command) => {
      const reason = reasonSchema.safeParse(options.reason);
      const checked = orderId(id, command);
      if (!reason.success) return command.error('error: a reason is one line of 1 to 500 characters', { exitCode: 2 });
      return closeOrder(checked, reason.data);
    });
}

function listBreaks(json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    const all = await admin.openBreaks();
    if (json) console.log(JSON.stringify(all));
    else {
      const rows = all.map((row) => [
        row.id,
        row.symbol,
        row.cause,
        formatMoment(row.openedAt),
        ageText(row.openedAt, Date.now()),
        sideText(row.ours),
        sideText(row.theirs),
        row.orderId ?? '',
      ]);
      const headings = ['ID', 'SYMBOL', 'CAUSE', 'OPENED', 'AGE', 'OURS', 'BROKER', 'ORDER'];
      console.log(formatTable(headings, rows, 'No break is open.'));
    }
    return EXIT.done;
  });
}

function showBreak(id: string, json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    const found = await admin.breakDetail(id);
    if (found === null) return refuse('There is no such break. See: countersign break list');
    if (json) console.log(JSON.stringify(found));
    else {
      const { row, events } = found;
      const state = row.resolvedAt === null ? 'open' : `resolved by ${row.resolvedBy ?? ''}: ${row.reason ?? ''}`;
      console.log(`${row.cause} ${row.symbol}, ${state}`);
      const lines = events.map((event) => [
        formatMoment(event.at),
        event.kind,
        sideText(event.ours),
        sideText(event.theirs),
        event.by ?? '',
        event.reason ?? '',
      ]);
      console.log(formatTable(['AT', 'WHAT', 'OURS', 'BROKER', 'BY', 'REASON'], lines, 'It has no history.'));
    }
    return EXIT.done;
  });
}

function resolveBreak(id: string, reason: string, accept: boolean): Promise<void> {
  return runAdmin(async ({ commands }) => {
    const outcome = await commands.resolveBreak(cliCommandActor(), id, reason, { accept });
    if (!outcome.ok) return refuse(`${outcome.message} See: countersign break list`);
    console.log(`Resolved ${id}.`);
    return EXIT.done;
  });
}

function closeOrder(id: string, reason: string): Promise<void> {
  return runAdmin(async ({ commands }) => {
    const outcome = await commands.closeUnknownOrder(cliCommandActor(), id, reason);
    if (!outcome.ok) return refuse(`${outcome.message} See: countersign break list`);
    console.log(`Closed order ${id} as unknown at the broker.`);
    return EXIT.done;
  });
}
