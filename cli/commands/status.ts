import type { Command } from 'commander';
import { attention } from '@/cli/admin/attention';
import { formatStatus } from '@/cli/admin/format-status';
import { runAdmin } from '@/cli/admin/run-admin';

const HELP = `
Waiting approvals are shown, but are ordinary work: they do not make the stack unhealthy.

Examples:
  countersign status
  countersign status --json | jq .attention
Exit codes: 0 healthy, 1 needs attention (what is listed), 2 the database cannot be reached.`;

export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('Trading state, workers, approvals, orders, breaks and the age of data')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: { json?: boolean }) =>
      runAdmin(async (admin) => {
        const status = await admin.status();
        const needs = attention(status);
        console.log(
          options.json === true
            ? JSON.stringify({ healthy: needs.length === 0, attention: needs, ...status })
            : formatStatus(status, needs),
        );
        return needs.length === 0 ? 0 : 1;
      }),
    );
}
