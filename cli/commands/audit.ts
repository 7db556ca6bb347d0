import type { Command } from 'commander';
import { EXIT, runAdmin } from '@/cli/run-admin';

const HELP = `
Every row holds a hash of its content and of the row before it, so a row that was changed, added or taken out shows.
Rows cut off the end do not: note the head now and then, and see that a later run still has it.

Examples:
  countersign audit verify
  countersign audit verify --json | jq -r .head.hash
Exit codes: 0 intact, 1 broken (the first bad row is named), 2 the database cannot be reached.`;

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('The audit log')
    .command('verify')
    .description('Recompute the hash chain from the first row to the last')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: { json?: boolean }) => verify(options.json === true));
}

function verify(json: boolean): Promise<void> {
  return runAdmin(async ({ audit }) => {
    const { count, head, broken } = await audit.verify();
    if (json) console.log(JSON.stringify({ intact: broken === null, count, head, broken }));
    else {
      console.log(broken === null ? `Intact: ${count} row(s).` : `Broken at row ${broken.id}: ${broken.why}.`);
      if (broken !== null) console.log(`${count} row(s) before it are right.`);
      if (head !== null) console.log(`${broken === null ? 'Head' : 'Last right row'} ${head.id} ${head.hash}`);
    }
    return broken === null ? EXIT.done : EXIT.refused;
  });
}
