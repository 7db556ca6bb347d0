import type { Bundles } from './harness/bundles';
import type { Cluster, ClusterOptions } from './harness/cluster';
import type { Draws } from './harness/random';
import type { Rig, RigOptions } from './harness/rig';
import type { Allowances } from './oracle/invariants';

/** What a scenario works with. */
export interface Scene {
  readonly draws: Draws;
  readonly bundles: Bundles;
  /** Processes over a database of their own, in the shared cluster unless another is given. */
  rig(options?: Partial<RigOptions>): Promise<Rig>;
  /** A loopback port of the cell's own. */
  port(): Promise<number>;
  /** A PostgreSQL of the cell's own, for faults of PostgreSQL itself. */
  cluster(options?: ClusterOptions): Promise<Cluster>;
  /** Waits until everything has come to rest, then judges every invariant. Counts as one run. */
  judge(rig: Rig, what: string, allowed?: Allowances): Promise<void>;
  /** Something that the scenario itself saw and that must not be. */
  violated(what: string): void;
  /** Undone when the cell is over, the last first. */
  finally(undo: () => unknown): void;
}

/** One row of the table: a fault, provoked as often as it takes to hit it in each of its forms. */
export interface Cell {
  readonly name: string;
  /** For the table. */
  readonly fault: string;
  play(scene: Scene): Promise<void>;
}
