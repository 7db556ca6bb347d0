import * as fc from 'fast-check';
import { SYMBOLS } from '../support/database';
import type { CancelFault, SendFault } from '../support/model-broker';
import type { Proposal, System } from '../support/system';
import { type BrokerEvent, brokerEvents, happen } from './broker-events';
import { type Disturbance, disturbances, toInterrupt, wording } from './interrupts';
import { expectThat, type Model, Step } from './model';

/** Signals go through the gate, one after the other. */
class Propose extends Step {
  constructor(private readonly proposals: readonly Proposal[]) {
    super();
  }

  check = () => true;

  protected async act(model: Model, system: System): Promise<void> {
    for (const proposal of this.proposals) await this.propose(proposal, model, system);
  }

  private async propose(wish: Proposal, model: Model, system: System): Promise<void> {
    const before = await system.look();
    // Nobody sells what is not held: a sell that would be refused anyhow is a buy.
    const held = (before.positions[wish.symbol] ?? 0n) > 0n;
    const proposal = held ? wish : { ...wish, side: 'BUY' as const };
    const placement = await system.propose(proposal);
    const { kind } = placement;
    model.proposed += 1;
    if (kind === 'REJECTED') system.tally.add(`refused ${placement.code}`);
    expectThat('reply' in placement, `a placement was answered with ${kind}`);
    if (model.trading === 'HALTED') expectThat(kind === 'REJECTED', 'the gate let an order through a halt');
    // Closing what is held needs no confidence.
    if (!proposal.sure && proposal.side === 'BUY')
      expectThat(kind !== 'PLACED', 'the gate placed what a person must see');
    const { orders } = await system.look();
    expectThat(orders.length === before.orders.length + (kind === 'PLACED' ? 1 : 0), 'an answer and the orders differ');
  }

  toString = () => `propose(${this.proposals.map((each) => Object.values(each).join(' ')).join('; ')})`;
}

/** A person decides on an approval, perhaps one that was decided before. */
class Decide extends Step {
  constructor(
    private readonly yes: boolean,
    private readonly pick: number,
  ) {
    super();
  }

  check = (model: Readonly<Model>) => model.proposed > 0;

  protected async act(model: Model, system: System): Promise<void> {
    const { approvals } = await system.look();
    const approval = approvals[this.pick % Math.max(1, approvals.length)];
    if (approval === undefined) return;
    const outcome = this.yes
      ? await system.approve(approval.id, approval.shown_hash)
      : await system.reject(approval.id);
    if (approval.status !== 'PENDING')
      expectThat(!outcome.ok, `an approval that was ${approval.status} was decided again`);
    if (this.yes && model.trading === 'HALTED')
      expectThat(!outcome.ok, 'a countersignature released an order through a halt');
  }

  toString = () => (this.yes ? 'approve' : 'reject');
}

/** One pass of the executor over a broker that answers as scripted. */
class Submit extends Step {
  constructor(
    private readonly sends: readonly SendFault[],
    private readonly cancels: readonly CancelFault[],
    private readonly silent: number,
    private readonly disturbance: Disturbance | null,
  ) {
    super();
  }

  check = (model: Readonly<Model>) => model.worker === 'up' && model.proposed > 0;

  protected async act(model: Model, system: System): Promise<void> {
    const { broker } = system;
    broker.sendFaults.splice(0, broker.sendFaults.length, ...this.sends);
    broker.cancelFaults.splice(0, broker.cancelFaults.length, ...this.cancels);
    broker.failingQueries = this.silent;
    await system.submit(toInterrupt(system, this.disturbance));
    broker.failingQueries = 0;
    await noteState(model, system);
  }

  toString = () =>
    `submit(${[...this.sends, ...this.cancels].join(' ')}${this.silent ? ` silent ${this.silent}` : ''})${wording(this.disturbance)}`;
}

class AtBroker extends Step {
  constructor(private readonly event: BrokerEvent) {
    super();
  }

  check = (model: Readonly<Model>) => model.proposed > 0;
  protected act = (_model: Model, system: System): Promise<void> => happen(system.broker, this.event);
  toString = () => `broker(${this.event.kind}${this.event.named ? '' : ' unnamed'} ${this.event.lagMs})`;
}

/** The stream delivers an update: the oldest or a later one, once or to be repeated. */
class Deliver extends Step {
  constructor(
    private readonly pick: number,
    private readonly again: boolean,
    private readonly disturbance: Disturbance | null,
  ) {
    super();
  }

  check = (model: Readonly<Model>) => model.worker === 'up' && model.proposed > 0;

  protected async act(model: Model, system: System): Promise<void> {
    await system.deliver(this.pick, this.again, toInterrupt(system, this.disturbance));
    await noteState(model, system);
  }

  toString = () => `deliver(${this.pick}${this.again ? ' again' : ''})${wording(this.disturbance)}`;
}

class Poll extends Step {
  constructor(
    private readonly silent: number,
    private readonly disturbance: Disturbance | null,
  ) {
    super();
  }

  check = (model: Readonly<Model>) => model.worker === 'up';

  protected async act(model: Model, system: System): Promise<void> {
    await system.clock.advance(5_000);
    // The first of its queries, or a later one.
    system.broker.skippedQueries = this.silent;
    system.broker.failingQueries = this.silent > 0 ? 1 : 0;
    await system.seeToHalt(null);
    await system.poll(toInterrupt(system, this.disturbance));
    system.broker.failingQueries = 0;
    await noteState(model, system);
  }

  toString = () => `poll(${this.silent || ''})${wording(this.disturbance)}`;
}

class Cancel extends Step {
  constructor(private readonly pick: number) {
    super();
  }

  check = (model: Readonly<Model>) => model.proposed > 0;

  protected async act(_model: Model, system: System): Promise<void> {
    const { orders } = await system.look();
    const order = orders[this.pick % Math.max(1, orders.length)];
    if (order !== undefined) await system.cancel(order.id);
  }

  toString = () => 'cancel';
}

/** Cancels that the broker has taken come into effect. */
class Cancelled extends Step {
  check = (model: Readonly<Model>) => model.proposed > 0;
  protected act = async (_model: Model, system: System): Promise<void> => system.broker.finishCancels();
  toString = () => 'cancels take effect';
}

class Close extends Step {
  constructor(private readonly symbol: string) {
    super();
  }

  check = (model: Readonly<Model>) => model.proposed > 0;
  protected act = async (_model: Model, system: System): Promise<void> => void (await system.close(this.symbol));
  toString = () => `close(${this.symbol})`;
}

class Crash extends Step {
  check = (model: Readonly<Model>) => model.worker === 'up';
  protected act = async (_model: Model, system: System): Promise<void> => system.crash();
  toString = () => 'crash';
}

class Restart extends Step {
  check = (model: Readonly<Model>) => model.worker !== 'up';

  protected async act(model: Model, system: System): Promise<void> {
    await system.start();
    model.worker = 'up';
    await noteState(model, system);
  }

  toString = () => 'restart';
}

/** Whoever was stopped goes on, perhaps after another has taken over. */
class Resume extends Step {
  check = (model: Readonly<Model>) => model.worker !== 'down';
  protected act = (_model: Model, system: System): Promise<void> => system.resume();
  toString = () => 'resume';
}

class Kill extends Step {
  check = (model: Readonly<Model>) => model.trading === 'ACTIVE';

  protected async act(model: Model, system: System): Promise<void> {
    await system.halt(false);
    model.trading = 'HALTED';
  }

  toString = () => 'kill';
}

class Release extends Step {
  constructor(private readonly looks: number) {
    super();
  }

  check = (model: Readonly<Model>) => model.trading === 'HALTED' || model.proposed > 0;

  protected async act(model: Model, system: System): Promise<void> {
    // Whoever releases has seen the halt verified, or tries before.
    for (let n = 0; n < this.looks; n += 1) {
      system.broker.finishCancels();
      await system.seeToHalt(null);
      await system.clock.advance(1_500);
    }
    // What the looks booked is judged before the release undoes what it led to.
    system.watch.always(await system.look());
    await system.resolveBreaks();
    const before = await system.look();
    const outcome = await system.release();
    if (before.state === 'HALTED' && !before.verified) expectThat(!outcome.ok, 'released before the halt was verified');
    if (outcome.ok) model.trading = 'ACTIVE';
  }

  toString = () => `release(${this.looks})`;
}

class Wait extends Step {
  constructor(private readonly ms: number) {
    super();
  }

  check = () => true;
  protected act = (_model: Model, system: System): Promise<void> => system.clock.advance(this.ms);
  toString = () => `wait(${this.ms})`;
}

/** A halt may have come in the middle of a step, and with it the model's state. */
async function noteState(model: Model, system: System): Promise<void> {
  if ((await system.commands.tradingState()).state === 'HALTED') model.trading = 'HALTED';
}

const proposals: fc.Arbitrary<Proposal> = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('BUY' as const, 'BUY' as const, 'SELL' as const),
  qty: fc.integer({ min: 1, max: 8 }),
  sure: fc.constantFrom(true, true, true, false),
  limit: fc.boolean(),
});

const sendFaults: fc.Arbitrary<SendFault> = fc.constantFrom(
  'none',
  'none',
  'refused',
  'lost',
  'reply-lost',
  'late',
  'rate-limited',
  'filled-at-once',
);
const cancelFaults: fc.Arbitrary<CancelFault> = fc.constantFrom(
  'none',
  'none',
  'lost',
  'reply-lost',
  'rate-limited',
  'too-late',
);
const disturbed = disturbances(brokerEvents);
const silence = fc.constantFrom(0, 0, 0, 1, 3);

const submits = fc
  .tuple(fc.array(sendFaults, { maxLength: 3 }), fc.array(cancelFaults, { maxLength: 2 }), silence, disturbed)
  .map((args) => new Submit(...args));
const proposes = fc.array(proposals, { minLength: 1, maxLength: 3 }).map((each) => new Propose(each));
const events = brokerEvents.map((event) => new AtBroker(event));
const deliveries = fc
  .tuple(fc.nat(3), fc.constantFrom(false, false, true), disturbed)
  .map((args) => new Deliver(...args));

/** What may happen, the usual more often than the rest. */
export const STEPS: fc.Arbitrary<Step>[] = [
  ...Array.from({ length: 6 }, () => proposes),
  ...Array.from({ length: 7 }, () => submits),
  ...Array.from({ length: 6 }, () => events),
  ...Array.from({ length: 6 }, () => deliveries),
  fc.tuple(fc.constantFrom(true, true, false), fc.nat(3)).map((args) => new Decide(...args)),
  fc.tuple(fc.constantFrom(0, 0, 1, 2, 4, 6), disturbed).map((args) => new Poll(...args)),
  fc.tuple(fc.constantFrom(0, 0, 1, 2, 4, 6), disturbed).map((args) => new Poll(...args)),
  fc.nat(5).map((pick) => new Cancel(pick)),
  fc.nat(5).map((pick) => new Cancel(pick)),
  fc.constant(new Cancelled()),
  fc.constantFrom(...SYMBOLS).map((symbol) => new Close(symbol)),
  fc.constant(new Crash()),
  ...Array.from({ length: 5 }, () => fc.constant(new Restart())),
  fc.constant(new Resume()),
  fc.constant(new Kill()),
  ...Array.from({ length: 5 }, () => fc.constantFrom(0, 3, 4).map((looks) => new Release(looks))),
  fc.constantFrom(1_000, 6_000, 40_000).map((ms) => new Wait(ms)),
];
