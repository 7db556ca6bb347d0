import { createHash } from 'node:crypto';
import type { Bar } from '@/server/domain/exchange/types';
import { findStrategy } from '@/server/domain/strategy';
import { runScenario } from '@/server/replay/run-scenario';
import { parseScenario } from '@/server/replay/scenario-file';
import type { BenchContext } from '../context';
import { minuteBars } from '../support/bars';
import { bestRates } from '../support/processor-rate';
import { SCENARIO } from '../support/scenario';
import type { Measured } from '../support/table';

function replay(bars: readonly Bar[]) {
  const hash = createHash('sha256');
  let lines = 0;
  const sink = (line: string) => {
    lines += 1;
    hash.update(line).update('\n');
  };
  const report = runScenario(parseScenario(SCENARIO), { sink, strategyOf: findStrategy, bars });
  return { sha256: hash.digest('hex'), lines, fills: report.fills };
}

/** Replays minute bars with a strategy, the gate, fills, fees and the hashed journal; each run must be the same. */
export async function measureReplay({ options, progress }: BenchContext): Promise<Measured[]> {
  progress('replay');
  const bars = minuteBars(options.quick ? 100_000 : 400_000);
  const first = replay(bars);
  const work = () => {
    const again = replay(bars);
    if (again.sha256 !== first.sha256) throw new Error(`two replays differ: ${first.sha256} and ${again.sha256}`);
    return bars.length;
  };
  const [figure = 0] = await bestRates([work], options.quick ? 4 : 8);
  const note = `${bars.length} bars, ${first.fills} fills, ${first.lines} journal lines, every run with SHA-256 ${first.sha256}`;
  return [
    {
      row: 'replay',
      figure,
      baseline: null,
      baselineName: '',
      ratio: null,
      unit: '/s',
      aim: { of: 'figure', least: 1_000_000 },
      note,
    },
  ];
}
