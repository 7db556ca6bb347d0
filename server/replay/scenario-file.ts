import type { z } from 'zod';
import {
  type ScenarioHeader,
  type ScenarioLine,
  scenarioHeaderSchema,
  scenarioLineSchema,
} from '@/server/contracts/scenario';

export interface NumberedLine {
  /** From 1, the header's own. */
  readonly number: number;
  readonly line: ScenarioLine;
}

export interface Scenario {
  readonly header: ScenarioHeader;
  readonly lines: readonly NumberedLine[];
}

/** Thrown for a scenario or bar file that cannot be run: nothing of it has been. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';

  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

const STRINGS = /"(?:[^"\\]|\\.)*"/g;
const LONG_NUMBER = /[\d.]{16,}/;

/** A JSON number of more than 15 digits would be rounded by being read: such an amount must be text. */
function refuseLongNumbers(text: string, number: number): void {
  if (!LONG_NUMBER.test(text)) return;
  const long = LONG_NUMBER.exec(text.replace(STRINGS, '""'))?.[0];
  if (long !== undefined && long.replace(/^0*\.?0*|\./g, '').length > 15) {
    throw new ScenarioError(number, `${long} has too many digits for a JSON number: write it as text`);
  }
}

function parseJson(text: string, number: number): unknown {
  refuseLongNumbers(text, number);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(number, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseWith<S extends z.ZodType>(schema: S, text: string, number: number): z.output<S> {
  const result = schema.safeParse(parseJson(text, number));
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new ScenarioError(number, reasons.join('; '));
}

/**
 * Reads a whole scenario before any of it is run.
 * @throws ScenarioError naming the first bad line: no JSON, a wrong field, or a time before that of the line above
 */
export function parseScenario(text: string): Scenario {
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const lines: NumberedLine[] = [];
  let header: ScenarioHeader | null = null;
  let lastMs = 0;
  for (const [index, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const number = index + 1;
    if (header === null) {
      header = parseWith(scenarioHeaderSchema, row, number);
      lastMs = header.start;
      continue;
    }
    const line = parseWith(scenarioLineSchema, row, number);
    if (line.at !== undefined) {
      if (line.at < lastMs)
        throw new ScenarioError(number, `at: lies before ${new Date(lastMs).toISOString()}, the time of a line above`);
      lastMs = line.at;
    }
    lines.push({ number, line });
  }
  if (header === null) throw new ScenarioError(1, 'the file is empty: the first line must be the header');
  return { header, lines };
}
