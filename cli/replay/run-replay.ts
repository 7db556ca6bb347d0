import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { JournalFile } from '@/cli/replay/journal-file';
import { jsonReport, textReport } from '@/cli/replay/report';
import { symbolSchema } from '@/server/contracts/symbol';
import { findStrategy } from '@/server/domain/strategy';
import { type BarFormat, parseBarFile } from '@/server/replay/bar-files';
import { runScenario } from '@/server/replay/run-scenario';
import { parseScenario, ScenarioError } from '@/server/replay/scenario-file';

export interface ReplayRequest {
  readonly file: string;
  readonly journal: string | null;
  readonly json: boolean;
  readonly barFile: { readonly path: string; readonly format: BarFormat; readonly symbol: string } | null;
}

/** Runs one scenario and prints the report. Returns the exit code: 0 held, 1 failed, 2 the file is invalid. */
export async function runReplay(request: ReplayRequest): Promise<0 | 1 | 2> {
  try {
    return await replay(request);
  } catch (error) {
    const reason = invalidInput(error);
    if (reason === null) throw error;
    if (request.json) console.log(JSON.stringify({ error: reason.message, file: reason.file, line: reason.line }));
    else console.error(`${reason.file}: ${reason.message}`);
    return 2;
  }
}

async function replay({ file, journal, json, barFile }: ReplayRequest): Promise<0 | 1> {
  const scenario = await naming(file, async () => parseScenario(await readFile(file, 'utf8')));
  const bars = barFile === null ? null : await naming(barFile.path, async () => readBars(barFile));
  const hash = createHash('sha256');
  const out = journal === null ? null : await naming(journal, async () => JournalFile.open(journal));
  const report = await naming(file, async () =>
    runScenario(scenario, {
      sink: (line) => {
        hash.update(line).update('\n');
        out?.write(line);
      },
      strategyOf: findStrategy,
      ...(bars === null ? {} : { bars }),
    }),
  );
  out?.close();
  const sha256 = hash.digest('hex');
  console.log(json ? jsonReport(report, sha256) : textReport(report, sha256));
  return report.failed === 0 ? 0 : 1;
}

async function readBars(barFile: NonNullable<ReplayRequest['barFile']>) {
  const symbol = symbolSchema.safeParse(barFile.symbol);
  if (!symbol.success)
    throw new ScenarioError(0, `--symbol ${barFile.symbol}: ${symbol.error.issues[0]?.message ?? 'is invalid'}`);
  return parseBarFile(await readFile(barFile.path, 'utf8'), barFile.format, symbol.data);
}

/** An error of a file, with the file's name. */
class InputError extends Error {
  constructor(
    readonly file: string,
    override readonly cause: unknown,
  ) {
    super(`${file} cannot be used`);
  }
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new InputError(file, error);
  }
}

/** What is wrong with an input file; null for any other error, which is a defect. */
function invalidInput(error: unknown): { file: string; line: number | null; message: string } | null {
  if (!(error instanceof InputError)) return null;
  const { file, cause } = error;
  if (cause instanceof ScenarioError)
    return { file, line: cause.line, message: cause.line === 0 ? cause.reason : cause.message };
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
    return { file, line: null, message: cause.message };
  return null;
}
