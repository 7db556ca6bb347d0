import { createHash } from 'node:crypto';
import type { Bar } from '@/server/domain/exchange/types';
import { findStrategy } from '@/server/domain/strategy';
import { type ReplayReport, runScenario } from '@/server/replay/run-scenario';
import { parseScenario } from '@/server/replay/scenario-file';

export interface ReplayOutcome {
  readonly report: ReplayReport;
  readonly journal: readonly string[];
  /** Of the journal's bytes, hex. */
  readonly sha256: string;
}

/** Runs a scenario as the command does, keeping its journal. */
export function replayText(text: string, bars?: Iterable<Bar>): ReplayOutcome {
  const journal: string[] = [];
  const hash = createHash('sha256');
  const report = runScenario(parseScenario(text), {
    sink: (line) => {
      journal.push(line);
      hash.update(`${line}\n`);
    },
    strategyOf: findStrategy,
    ...(bars === undefined ? {} : { bars }),
  });
  return { report, journal, sha256: hash.digest('hex') };
}
