import type { Snapshot } from './snapshot';
import type { System } from './system';

/** How often what happened: a suite that never meets a crash shows nothing about crashes. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string, n = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + n);
  }

  /** How a run ended. */
  ended(system: System, last: Snapshot): void {
    this.add('orders', last.orders.length);
    for (const { status } of last.orders) this.add(status.toLowerCase());
    this.add('fills', last.fills.length);
    this.add('inferred', last.fills.filter(({ execution_id }) => execution_id.startsWith('inferred:')).length);
    this.add('busted', last.fills.filter(({ busted }) => busted).length);
    this.add('approved', last.approvals.filter(({ status }) => status === 'APPROVED').length);
    for (const { cause } of last.breaks) this.add(`break ${cause.toLowerCase()}`);
    for (const [word, n] of Object.entries(last.outbox)) {
      const [topic = ''] = word.split(' ');
      if (topic === 'order.uncertain' || topic === 'trading.halt.verified') this.add(topic, n);
    }
    this.add('workers', Number(system.worker?.token ?? 0));
  }

  toString = () =>
    [...this.counts]
      .filter(([, n]) => n > 0)
      .map(([what, n]) => `${n} ${what}`)
      .join(', ');
}
