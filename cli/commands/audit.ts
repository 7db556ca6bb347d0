import type { Command } from 'commander';
import { EXIT, runAdmin } from '@/cli/run-admin';
import type { AuditChain } from '@/server/application/audit/verify-audit-log';

const HELP = `
Every row holds a hash of its content and of the row before it, so a row that was changed, added or taken out shows. A log that was
rewritten as a whole shows against the checkpoints: the worker signs each new row within 30 seconds, in audit-checkpoints.jsonl of its
data folder (docs/audit.md). Copy that file to another machine now and then, and give its folder with --checkpoints.

Examples:
  countersign audit verify
  countersign audit verify --checkpoints /backup/countersign --key-id 3f1c…
  countersign audit verify --json | jq -r .head.hash
Exit codes: 0 intact, 1 not intact (the first bad row or checkpoint is named), 2 the database cannot be reached.`;

interface Options {
  readonly json?: boolean;
  readonly checkpoints?: string;
  readonly keyId?: string;
}

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('The audit log')
    .command('verify')
    .description('Recompute the audit log from the first row to the last, and compare it with what was signed')
    .option('--checkpoints <folder>', 'folder of audit-checkpoints.jsonl (default: the data folder)')
    .option('--key-id <hex>', 'every checkpoint must be signed by this key')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: Options) => verify(options));
}

/** What is wrong with the checkpoints themselves; null when nothing is. */
function checkpointFault(chain: Found, keyId: string | undefined): string | null {
  const { forgedLine, signed } = chain;
  if (forgedLine !== null) return `line ${forgedLine} of the checkpoints is not signed by the key that it names`;
  if (keyId === undefined) return null;
  if (signed === null) return 'there are no checkpoints to compare with';
  const other = signed.keyIds.find((each) => each !== keyId);
  return other === undefined ? null : `checkpoints are signed by another key: ${other}`;
}

type Found = AuditChain & { readonly forgedLine: number | null };

function signedText({ signed }: Found): string {
  if (signed === null)
    return 'Nothing to compare with: no checkpoints were found, so a log rewritten as a whole would not show.';
  const { rows, firstAt, lastAt, keyIds } = signed;
  return `Signed: ${rows} row(s), from ${firstAt} to ${lastAt}, by the key ${keyIds.join(', ')}`;
}

function verify({ json = false, checkpoints, keyId }: Options): Promise<void> {
  return runAdmin(async ({ verifyAudit }) => {
    const found = await verifyAudit(checkpoints ?? null);
    const { count, head, broken, signed } = found;
    const fault = checkpointFault(found, keyId);
    const intact = broken === null && fault === null;
    if (json) console.log(JSON.stringify({ intact, count, head, broken, signed, checkpoint_fault: fault }));
    else {
      console.log(broken === null ? `Intact: ${count} row(s).` : `Broken at row ${broken.id}: ${broken.why}.`);
      if (broken !== null) console.log(`${count} row(s) before it are right.`);
      if (head !== null) console.log(`${broken === null ? 'Head' : 'Last right row'} ${head.id} ${head.hash}`);
      console.log(signedText(found));
      if (fault !== null) console.log(`Not trustworthy: ${fault}.`);
    }
    return intact ? EXIT.done : EXIT.refused;
  });
}
