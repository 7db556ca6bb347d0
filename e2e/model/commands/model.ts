import type { System } from '../support/system';

/** The little that a sequence of commands needs to know of itself. Deliberately apart from any code under test. */
export interface Model {
  trading: 'ACTIVE' | 'HALTED';
  worker: 'up' | 'stopped' | 'down';
  /** Proposals that were made; there is nothing to do with an order before one. */
  proposed: number;
}

export const FRESH: Readonly<Model> = { trading: 'ACTIVE', worker: 'up', proposed: 0 };

/** Time that passes between two commands. */
const BETWEEN_MS = 20;

/** One thing that happens: said of the model, done to the system, and then everything is looked at. */
export abstract class Step {
  abstract check(model: Readonly<Model>): boolean;
  protected abstract act(model: Model, system: System): Promise<void>;
  abstract toString(): string;

  async run(model: Model, system: System): Promise<void> {
    system.tally.add('commands');
    await this.act(model, system);
    if (system.worker === null && model.worker === 'up') model.worker = 'down';
    await system.clock.advance(BETWEEN_MS);
    system.broker.land();
    system.watch.always(await system.look());
  }
}

export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
