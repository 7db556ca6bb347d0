import type { Command } from 'commander';
import { z } from 'zod';
import { cliCommandActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/admin/run-admin';
import { formatMoment, formatTable } from '@/cli/admin/table';
import { reasonSchema } from '@/server/contracts/text';

const EXAMPLES = `
A break is a difference between our books and the broker's that the reconciliation cannot explain. While one is open, its
symbol takes no new orders and trading cannot be released. Resolving books nothing: what still differs opens a new break.

Examples:
  countersign break list
  countersign break resolve 0198f2a0-0000-7000-8000-000000000001 --reason "sold by phone, see ticket 12"
${EXIT_CODES}`;

export function breakCommand(program: Command): void {
  const breaks = program
    .command('break')
    .description('Reconciliation breaks that wait for a person')
    .addHelpText('afterAll', EXAMPLES);
  breaks
    .command('list')
    .description('List open breaks, oldest first')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listBreaks(options.json === true));
  breaks
    .command('resolve')
    .description('Close a break that you can answer for')
    .argument('<id>', 'id of the break, as in the list')
    .requiredOption('--reason <reason>', 'why; stored in the audit')
    .action((id: string, options: { reason: string }, command: Command) => {
      const reason = reasonSchema.safeParse(options.reason);
      if (!z.uuid().safeParse(id).success)
        command.error(`error: "${id}" is not the id of a break; see: countersign break list`, { exitCode: 2 });
      if (!reason.success) return command.error('error: a reason is one line of 1 to 500 characters', { exitCode: 2 });
      return resolveBreak(id.toLowerCase(), reason.data);
    });
}

function sideText(side: Readonly<Record<string, unknown>>): string {
  return Object.entries(side)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
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
        sideText(row.ours),
        sideText(row.theirs),
        row.orderId ?? '',
      ]);
      console.log(
        formatTable(['ID', 'SYMBOL', 'CAUSE', 'OPENED', 'OURS', 'BROKER', 'ORDER'], rows, 'No break is open.'),
      );
    }
    return EXIT.done;
  });
}

function resolveBreak(id: string, reason: string): Promise<void> {
  return runAdmin(async ({ commands }) => {
    const outcome = await commands.resolveBreak(cliCommandActor(), id, reason);
    if (!outcome.ok) return refuse(`${outcome.message} See: countersign break list`);
    console.log(`Resolved ${id}.`);
    return EXIT.done;
  });
}
