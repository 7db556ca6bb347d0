import { expect } from 'vitest';
import { Stack } from './stack';

export interface Health {
  readonly state: string;
  readonly detail: string;
  readonly breaker: string;
  readonly stream: string;
}

/** A stack with a broker that behaves badly, and what people and the books must see of it. */
export class BadBroker {
  private constructor(readonly stack: Stack) {}

  static async start(): Promise<BadBroker> {
    return new BadBroker(await Stack.start());
  }

  async health(): Promise<Health | undefined> {
    const { rows } = await this.stack.pool.query<{ health: Health }>(
      `SELECT info->'brokerHealth' AS health FROM worker_heartbeats WHERE beat_at > now() - interval '5 seconds' AND info ? 'brokerHealth' ORDER BY beat_at DESC`,
    );
    return rows[0]?.health;
  }

  async alert(): Promise<string | undefined> {
    return (
      await this.stack.pool.query<{ message: string }>(
        `SELECT message FROM alerts WHERE kind = 'BROKER' AND resolved_at IS NULL`,
      )
    ).rows[0]?.message;
  }

  /** Heartbeat and alert say the same. @returns the heartbeat's word */
  async says(state: string, text: string): Promise<Health> {
    let seen: Health | undefined;
    let alertText: string | undefined;
    await this.stack.until(
      `the broker to be ${state} with "${text}"`,
      async () => {
        [seen, alertText] = [await this.health(), await this.alert()];
        return seen?.state === state && seen.detail.includes(text) && alertText?.includes(text) === true;
      },
      30_000,
    );
    if (seen === undefined) throw new Error('no heartbeat');
    expect(JSON.stringify([seen, alertText])).not.toContain('test-secret');
    return seen;
  }

  fault(switches: object): Promise<unknown> {
    return this.stack.sim('PUT', '/sim/v1/faults', switches);
  }

  async mend(): Promise<void> {
    await this.stack.sim('DELETE', '/sim/v1/faults');
  }

  /** All well: the state is OK, no alert is open, nothing is in doubt, and orders here and there are one to one. */
  async allWell(): Promise<void> {
    await this.stack.until('the broker to be well', async () => (await this.health())?.state === 'OK', 45_000);
    await this.stack.until('the alert to close', async () => (await this.alert()) === undefined);
    await this.stack.until(
      'no order in doubt',
      async () => {
        const { rowCount } = await this.stack.pool.query(
          `SELECT 1 FROM orders WHERE status = 'NEW' OR 'SUBMIT_UNCERTAIN' = ANY (flags)`,
        );
        return rowCount === 0;
      },
      45_000,
    );
    const { rows } = await this.stack.pool.query<{ id: string }>(
      'SELECT id FROM orders WHERE external_order_id IS NOT NULL ORDER BY id',
    );
    const theirs = (await this.stack.brokerOrders()).map((order) => order.client_order_id).sort();
    expect(theirs).toEqual(rows.map(({ id }) => id).sort());
    await this.stack.reconciled(30_000);
  }

  async place(symbol: string): Promise<string> {
    const { orderId, kind, reply } = await this.stack.place({ symbol });
    expect(kind, reply).toBe('PLACED');
    return orderId;
  }

  settled(id: string, ...statuses: string[]): Promise<void> {
    return this.stack.until(
      `${id} to be ${statuses.join(' or ')}`,
      async () => statuses.includes(await this.stack.status(id)),
      45_000,
    );
  }

  async reason(id: string): Promise<string | null | undefined> {
    return (
      await this.stack.pool.query<{ reject_reason: string | null }>('SELECT reject_reason FROM orders WHERE id = $1', [
        id,
      ])
    ).rows[0]?.reject_reason;
  }
}
