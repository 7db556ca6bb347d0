import type { Mutation } from './harness/bundles';

/** A change that makes the product wrong: the suite is worth something only while each one fails its cell. */
export interface Mutant {
  readonly name: string;
  readonly cell: string;
  /** What must be violated, so that it does not fail by accident. */
  readonly mustBreak: RegExp;
  readonly mutations: readonly Mutation[];
}

export const MUTANTS: readonly Mutant[] = [];
