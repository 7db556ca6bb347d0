import type { Cell, Scene } from './cell';
import type { Bundles } from './harness/bundles';
import { Cluster, type Tools } from './harness/cluster';
import { Draws } from './harness/random';
import { Rig } from './harness/rig';
import { judge } from './oracle/invariants';
import { quiet } from './oracle/quiet';

export interface CellResult {
  readonly name: string;
  readonly fault: string;
  /** How often the fault was provoked and the invariants judged after it. */
  readonly runs: number;
  /** Invariants judged, over all runs. */
  readonly judged: number;
  readonly violations: readonly string[];
  readonly held: boolean;
  readonly seconds: number;
  /** The last words of the processes, where something was violated. */
  readonly outputs: string;
}

export interface Stage {
  readonly tools: Tools;
  readonly bundles: Bundles;
  readonly shared: Cluster;
  readonly seed: number;
  /** A port for a PostgreSQL of a cell's own. */
  nextPort(): Promise<number>;
  progress(line: string): void;
}

class Run {
  runs = 0;
  judged = 0;
  outputs = '';
  readonly violations: string[] = [];
  /** The request log tells of them for ever. */
  private readonly sentLate: string[] = [];
  private readonly rigs: Rig[] = [];
  private readonly undo: (() => unknown)[] = [];

  constructor(
    private readonly cell: Cell,
    private readonly stage: Stage,
  ) {}

  scene(): Scene {
    const { stage, cell } = this;
    return {
      draws: new Draws(stage.seed, cell.name),
      bundles: stage.bundles,
      rig: async (options = {}) => {
        const rig = await Rig.start({ cluster: stage.shared, bundles: stage.bundles, ...options });
        this.rigs.push(rig);
        this.undo.push(() => rig.stop());
        return rig;
      },
      port: () => stage.nextPort(),
      cluster: async (options) => {
        const cluster = await Cluster.start(stage.tools, await stage.nextPort(), options);
        this.undo.push(() => cluster.stop());
        return cluster;
      },
      judge: async (rig, what, { sentLate = [], breaks = [] } = {}) => {
        await quiet(rig);
        this.sentLate.push(...sentLate);
        const findings = await judge(rig, { sentLate: this.sentLate, breaks });
        const faults = findings.flatMap(({ name, title, violations }) =>
          violations.map((each) => `${what}: ${name} (${title}): ${each}`),
        );
        this.runs += 1;
        this.judged += findings.length;
        this.violations.push(...faults);
        stage.progress(
          `${cell.name}: ${what}: ${faults.length === 0 ? 'held' : `${faults.length} violation(s): ${faults[0]?.slice(0, 300)}`}`,
        );
      },
      violated: (what) => this.violations.push(what),
      finally: (undo) => this.undo.push(undo),
    };
  }

  async end(): Promise<void> {
    if (this.violations.length > 0) this.outputs = this.rigs.map((rig) => rig.outputs).join('\n');
    for (const each of this.undo.reverse()) {
      try {
        await each();
      } catch (error) {
        this.violations.push(`clearing up: ${String(error)}`);
      }
    }
  }
}

const causeOf = (error: Error) => (error.cause instanceof Error ? ` (${error.cause.message})` : '');

/** Plays one cell. Whatever keeps its scenario from its end is a violation too. */
export async function runCell(cell: Cell, stage: Stage): Promise<CellResult> {
  const startedMs = performance.now();
  const run = new Run(cell, stage);
  try {
    await cell.play(run.scene());
  } catch (error) {
    const said = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
    run.violations.push(`the scenario did not come to its end: ${said}`);
  }
  await run.end();
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const { runs, judged, violations, outputs } = run;
  const held = violations.length === 0 && runs > 0;
  return { name: cell.name, fault: cell.fault, runs, judged, violations, held, seconds, outputs };
}
