import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { formatMoment } from '@/cli/format';
import { cliActor, cliCommandActor, EXIT, refuse, runAdmin } from '@/cli/run-admin';
import type { TradingStateView } from '@/server/application/commands';
import type { Admin } from '@/server/composition/admin';
import type { Direct } from '@/server/composition/direct';
import { reasonSchema } from '@/server/contracts/text';

interface Options {
  readonly reason: string;
  readonly wait?: string;
  readonly direct?: boolean;
  readonly json?: boolean;
}

const LOOK_EVERY_MS = 250;

const HELP = `
Works with the console and the worker down: it goes straight to the database, and is committed before it waits for anyone.
  requested     committed: no new order is placed from here on
  acknowledged  nothing but cancels and flattening leaves any more
  verified      the worker has seen every order resolved and every working one cancelled at the broker

Break-glass, --direct: when the database cannot be reached. With the broker's keys alone (from the environment or the data
folder) it suspends trading at the broker, cancels everything there, and looks until nothing works. Every step is written to
break-glass.jsonl in the data folder; a worker books it, and halts, when the database is back. A release lifts the suspension.

Examples:
  countersign halt --reason "quotes look wrong"
  countersign halt --direct --reason "the database is gone"
Exit codes: 0 halted and acknowledged (direct: nothing works and the broker refuses new orders), 1 not yet, 2 wrong usage, or
the database (direct: the broker's keys) cannot be had.`;

export function haltCommand(program: Command): void {
  program
    .command('halt')
    .description('Stop all trading now')
    .requiredOption('--reason <reason>', 'why; stored in the audit')
    .option('--wait <seconds>', 'how long to watch until nothing works (10; direct: 60)')
    .option('--direct', 'break-glass: at the broker itself, without database and worker')
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', HELP)
    .action(async (options: Options, command: Command) => {
      const reason = reasonSchema.safeParse(options.reason);
      const direct = options.direct === true;
      const waitSeconds = Number(options.wait ?? (direct ? 60 : 10));
      if (!reason.success) return command.error('error: a reason is one line of 1 to 500 characters', { exitCode: 2 });
      if (!(waitSeconds >= 0 && waitSeconds <= 3_600))
        return command.error('error: --wait is a number of seconds, at most 3600', { exitCode: 2 });
      if (direct) return haltDirect(reason.data, waitSeconds * 1_000, options.json === true);
      return runAdmin((admin) => halt(admin, reason.data, waitSeconds * 1_000, options.json === true));
    });
}

async function halt({ commands }: Admin, reason: string, waitMs: number, json: boolean): Promise<number> {
  const outcome = await commands.halt(cliCommandActor(), reason);
  if (!outcome.ok) return refuse(outcome.message);
  const say = json ? () => undefined : (line: string) => console.log(line);
  say(`requested     ${formatMoment(outcome.view.halt?.requestedAt ?? null)}`);
  const view = await watch(commands, outcome.view, waitMs, say);
  if (json) console.log(JSON.stringify(view));
  return view.halt?.acknowledgedAt === null ? EXIT.refused : EXIT.done;
}

/** Says each step when it is seen; gives the last view once verified, or when the wait is over. */
async function watch(
  commands: Admin['commands'],
  first: TradingStateView,
  waitMs: number,
  say: (line: string) => void,
): Promise<TradingStateView> {
  const until = performance.now() + waitMs;
  let view = first;
  let acknowledged = false;
  for (;;) {
    const at = view.halt;
    if (at === null) return view;
    if (!acknowledged && at.acknowledgedAt !== null) {
      acknowledged = true;
      say(`acknowledged  ${formatMoment(at.acknowledgedAt)}`);
    }
    if (at.verifiedAt !== null) {
      say(`verified      ${formatMoment(at.verifiedAt)}`);
      return view;
    }
    if (performance.now() >= until) {
      if (!acknowledged) say('acknowledged  not yet: an order is still on its way to the broker');
      say('verified      not yet: that takes a running worker and the broker; see: countersign status');
      return view;
    }
    await sleep(LOOK_EVERY_MS);
    view = await commands.tradingState();
  }
}

/** Stops trading at the broker with nothing else up, telling each step. Sets the exit code. Keys are never printed. */
async function haltDirect(reason: string, limitMs: number, json: boolean): Promise<void> {
  const { openDirect } = await import('@/server/composition/direct');
  const { breakGlass } = await import('@/server/application/halt/break-glass');
  const say = json ? () => undefined : (line: string) => console.log(line);
  let direct: Direct | undefined;
  try {
    direct = openDirect();
    const { where, suspension, broker, journal, clock } = direct;
    say(`broker        ${where}`);
    const result = await breakGlass(
      { broker, suspension, journal, clock, say: (line) => say(`              ${line}`) },
      { kind: 'BREAK_GLASS', actor: cliActor(), reason, limitMs, data: { broker: where } },
    );
    if (json) console.log(JSON.stringify(result));
    say(result.recorded ? 'recorded      a worker halts and audits it when the database is back' : 'recorded      NO');
    const stopped = result.working === 0 && result.suspended === true;
    say(
      stopped ? 'stopped       nothing works, and the broker refuses new orders' : 'stopped       NOT YET: try again',
    );
    process.exitCode = stopped ? EXIT.done : EXIT.refused;
  } catch (error) {
    process.exitCode = EXIT.unusable;
    console.error(error instanceof Error ? error.message : String(error));
  } finally {
    await direct?.close();
  }
}
