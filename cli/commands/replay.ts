import { type Command, Option } from 'commander';
import { runReplay } from '@/cli/replay/run-replay';
import { BAR_FORMATS, type BarFormat } from '@/server/replay/bar-files';

interface Options {
  readonly journal?: string;
  readonly json?: boolean;
  readonly bars?: string;
  readonly format?: BarFormat;
  readonly symbol?: string;
}

const EXIT_CODES = `
Exit codes: 0 every expectation held, 1 some did not, 2 the file is invalid (nothing ran).
The last line printed is: expectations: N held, M failed · events: K · journal sha256: HEX`;

export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('Run a scenario file through the domain code on a virtual clock, with no database or network')
    .argument('<file>', 'scenario, JSON Lines')
    .option('--journal <out>', 'write the journal to this file')
    .option('--json', 'print one JSON object instead of text')
    .option('--bars <file>', "take the bars from this file; those that end before the scenario's start are left out")
    .addOption(new Option('--format <format>', 'format of the bar file').choices(BAR_FORMATS))
    .option('--symbol <symbol>', 'symbol of the bar file')
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, options: Options, command: Command) => {
      const { bars, format, symbol } = options;
      const given = [bars, format, symbol].filter((each) => each !== undefined).length;
      if (given !== 0 && given !== 3)
        command.error('error: --bars, --format and --symbol go together', { exitCode: 2 });
      const barFile =
        bars !== undefined && format !== undefined && symbol !== undefined ? { path: bars, format, symbol } : null;
      process.exitCode = await runReplay({
        file,
        journal: options.journal ?? null,
        json: options.json === true,
        barFile,
      });
    });
}
