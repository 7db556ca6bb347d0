import type { Command } from 'commander';
import { replayCommand } from '@/cli/commands/replay';

/** Adds one subcommand to the program. It sets `process.exitCode` itself. */
export type RegisterCommand = (program: Command) => void;

/** All subcommands, in the order of the help. */
export const commands: readonly RegisterCommand[] = [replayCommand];
