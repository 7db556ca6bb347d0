import type { Command } from 'commander';
import { z } from 'zod';
import { formatMoment, formatTable } from '@/cli/format';
import { cliCommandActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import type { Admin } from '@/server/composition/admin';
import type { InitialBalancesView } from '@/server/contracts/console/reconciliation';

const EXAMPLES = `
When the worker first meets an account at a real broker, it shows what the account holds and waits: a person signs for
these opening balances once, and nothing trades before. When the account changes meanwhile, they are shown again.

Examples:
  countersign account show
  countersign account sign 0198f2a0-0000-7000-8000-000000000001 --hash 3f5a… (as shown)
${EXIT_CODES}`;

export function accountCommand(program: Command): void {
  const account = program
    .command('account')
    .description('The broker account and its opening balances')
    .addHelpText('afterAll', EXAMPLES);
  account
    .command('show')
    .description('Show the account, and opening balances that wait for a signature')
    .option('--json', 'print one JSON object')
    .action((options: { json?: boolean }) => show(options.json === true));
  account
    .command('sign')
    .description('Sign for opening balances exactly as shown')
    .argument('<id>', 'id of the opening balances')
    .requiredOption('--hash <hash>', 'hash of what was shown; its first 12 characters are enough')
    .action((id: string, options: { hash: string }, command: Command) => {
      if (!z.uuid().safeParse(id).success)
        command.error(`error: "${id}" is not the id of opening balances; see: countersign account show`, {
          exitCode: 2,
        });
      if (!/^[0-9a-f]{12,64}$/i.test(options.hash))
        command.error('error: --hash is 12 to 64 hexadecimal digits, as shown', { exitCode: 2 });
      return sign(id.toLowerCase(), options.hash.toLowerCase());
    });
}

function openingText(opening: InitialBalancesView): string {
  const rows = [
    ['cash', '', opening.cash],
    ...opening.positions.map(({ symbol, qty, cost }) => [symbol, qty, cost] as const),
  ];
  const signed =
    opening.signedBy === null
      ? `waits for a signature: countersign account sign ${opening.id} --hash ${opening.shownHash.slice(0, 12)}`
      : `signed by ${opening.signedBy} at ${formatMoment(opening.signedAt)}, not booked yet`;
  return [
    `Opening balances of ${opening.brokerAccountId} (${opening.environment}), proposed ${formatMoment(opening.proposedAt)}`,
    `hash ${opening.shownHash}`,
    formatTable(['WHAT', 'QTY', 'COST'], rows, ''),
    signed,
  ].join('\n');
}

function show(json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    const { accountId, openedBy, reconciledAt, cash, openings } = await admin.reconciliation();
    if (json) {
      console.log(JSON.stringify({ accountId, openedBy, reconciledAt, cash, openings }));
      return EXIT.done;
    }
    const opened =
      accountId === null ? 'No account is opened yet.' : `Account ${accountId}, opened by ${openedBy ?? '—'}`;
    const lines = [
      opened,
      ...(cash === null ? [] : [`cash ${cash.broker ?? '—'}, read ${formatMoment(reconciledAt)}`]),
    ];
    console.log([...lines, ...openings.map(openingText)].join('\n'));
    return EXIT.done;
  });
}

/** The whole hash that the beginning given belongs to; what was typed when it belongs to none. */
async function wholeHash(admin: Admin, id: string, typed: string): Promise<string> {
  const { openings } = await admin.reconciliation();
  const found = openings.find((each) => each.id === id)?.shownHash;
  return found?.startsWith(typed) === true ? found : typed;
}

function sign(id: string, hash: string): Promise<void> {
  return runAdmin(async (admin) => {
    const outcome = await admin.commands.signInitialBalances(cliCommandActor(), id, await wholeHash(admin, id, hash));
    if (!outcome.ok) return refuse(`${outcome.message} See: countersign account show`);
    console.log('Signed. The worker books the balances with its next round, if the broker still shows the same.');
    return EXIT.done;
  });
}
