import type { Command } from 'commander';
import { EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/admin/run-admin';
import { symbolSchema } from '@/server/contracts/symbol';

interface Options {
  readonly symbol?: string;
  readonly json?: boolean;
}

const HELP = `
JSON: {"news": [{"ticker", "title", "source", "date", "url"}]} or a bare array; dates in ISO 8601. A file is stored whole or not
at all; the same item again adds nothing. Headlines stay as they are, and are made plain where a memo is written: a memo knows
of an item only if it was published before the decision.

Example:
  countersign import news AAPL_2024-03.json --symbol AAPL
${EXIT_CODES}`;

/** Registers `import news` in the group of imports. */
export function importNewsCommand(group: Command): void {
  group
    .command('news')
    .description('Import recorded headlines for memos')
    .argument('<file>', 'JSON file')
    .option('--symbol <symbol>', 'symbol of items that name none')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((file: string, options: Options, command: Command) => {
      const symbol = options.symbol === undefined ? null : symbolSchema.safeParse(options.symbol);
      if (symbol?.success === false)
        return command.error(`error: --symbol ${options.symbol}: ${symbol.error.issues[0]?.message}`, {
          exitCode: EXIT.unusable,
        });
      return importNews(file, symbol?.data ?? null, options.json === true);
    });
}

function importNews(file: string, symbol: string | null, json: boolean): Promise<void> {
  return runAdmin(async (admin) => {
    try {
      const { items, added } = await admin.importNews(file, symbol);
      console.log(json ? JSON.stringify({ file, items, added }) : `${added} added, ${items - added} stored already`);
      return EXIT.done;
    } catch (error) {
      if (error instanceof Error && error.name === 'NewsFileError')
        return refuse(`${file}: ${error.message}; nothing was stored`);
      if (error instanceof Error && 'syscall' in error && 'path' in error) {
        console.error(`${file} cannot be read: ${error.message}`);
        return EXIT.unusable;
      }
      throw error;
    }
  });
}
