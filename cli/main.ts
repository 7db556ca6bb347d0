import { Command } from 'commander';
import { commands } from '@/cli/commands';

/** The `countersign` command: each subcommand registers itself; see cli/commands. */
const program = new Command('countersign')
  .description('Operator command of the Countersign trading stack')
  .showHelpAfterError('(add --help for usage)')
  // Wrong usage is exit code 2, as a file that cannot be read.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

for (const register of commands) register(program);

await program.parseAsync();
