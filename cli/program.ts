import { Command, type CommanderError } from 'commander';
import { accountCommand } from '@/cli/commands/account';
import { auditCommand } from '@/cli/commands/audit';
import { backtestCommand } from '@/cli/commands/backtest';
import { barsCommand } from '@/cli/commands/bars';
import { botCommand } from '@/cli/commands/bot';
import { breakCommand } from '@/cli/commands/break';
import { brokerCommand } from '@/cli/commands/broker';
import { calendarCommand } from '@/cli/commands/calendar';
import { drillCommand } from '@/cli/commands/drill';
import { eventsCommand } from '@/cli/commands/events';
import { haltCommand } from '@/cli/commands/halt';
import { importCommand } from '@/cli/commands/import';
import { mcpCommand } from '@/cli/commands/mcp';
import { replayCommand } from '@/cli/commands/replay';
import { modeCommand, policyCommand, stageCommand } from '@/cli/commands/settings';
import { statusCommand } from '@/cli/commands/status';
import { tieoutCommand } from '@/cli/commands/tieout';
import { tokenCommand } from '@/cli/commands/token';
import { userCommand } from '@/cli/commands/user';

/** Adds one subcommand to the program. The subcommand sets `process.exitCode`. */
type RegisterCommand = (program: Command) => void;

/** All subcommands, in the order of the help. */
const COMMANDS: readonly RegisterCommand[] = [
  statusCommand,
  haltCommand,
  drillCommand,
  brokerCommand,
  userCommand,
  tokenCommand,
  botCommand,
  mcpCommand,
  policyCommand,
  stageCommand,
  modeCommand,
  breakCommand,
  accountCommand,
  tieoutCommand,
  auditCommand,
  replayCommand,
  importCommand,
  barsCommand,
  backtestCommand,
  calendarCommand,
  eventsCommand,
];

/** The `countersign` command with all subcommands. @param onExit called instead of exiting on wrong usage or after help */
export function createProgram(onExit: (error: CommanderError) => never): Command {
  const program = new Command('countersign')
    .description('Operator command of the Countersign trading stack')
    .showHelpAfterError('(add --help for usage)')
    // Subcommands inherit it only if it is set before they are added.
    .exitOverride(onExit);
  for (const register of COMMANDS) register(program);
  return program;
}
