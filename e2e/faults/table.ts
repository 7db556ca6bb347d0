import type { Mutant } from './mutants';
import type { CellResult } from './run-cell';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** The suite's result: fault, runs, invariants judged, held. */
export function cellTable(results: readonly CellResult[]): string {
  const rows = results.map(({ name, fault, runs, judged, held, seconds }) => [
    name,
    fault,
    String(runs),
    String(judged),
    held ? 'held' : 'NOT HELD',
    `${seconds} s`,
  ]);
  const sum = (of: (result: CellResult) => number) => String(results.reduce((total, each) => total + of(each), 0));
  const all = results.every(({ held }) => held) ? 'held' : 'NOT HELD';
  const total = ['', 'all', sum(({ runs }) => runs), sum(({ judged }) => judged), all, ''];
  return table(['cell', 'fault', 'runs', 'invariants', 'held', 'time'], [...rows, total]);
}

export interface MutantResult {
  readonly mutant: Mutant;
  readonly result: CellResult;
  /** The violations that show what the mutant broke. */
  readonly killedBy: readonly string[];
}

export function mutantTable(results: readonly MutantResult[]): string {
  const rows = results.map(({ mutant, killedBy }) => [
    mutant.name,
    mutant.cell,
    killedBy.length > 0 ? 'yes' : 'NO: SURVIVED',
    (killedBy[0] ?? '').slice(0, 110),
  ]);
  return table(['mutant', 'cell', 'failed as it must', 'by'], rows);
}
