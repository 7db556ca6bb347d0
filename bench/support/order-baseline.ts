import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { batchJson } from '@/server/adapters/postgres/orders/placement-rows';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { decidePlacement } from '@/server/application/placing/decide-placement';
import { BatchReservations } from '@/server/application/placing/gate-input';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { placementReply } from '@/server/contracts/placement';
import { BENCH_ACTOR, orderOf } from './orders';
import { findPgbench, type PgbenchResult, runPgbench } from './pgbench';
import type { TradingData } from './trading-data';

/** Stands where the account's version of the moment goes. */
const VERSION = '@version@';

/**
 * The same two statements as placing, on rows that were decided beforehand. The version is read under the account's
 * lock, so that no commit is ever stale: all of pgbench's work counts.
 */
const scriptWith = (symbols: string, ends: string) => `\\set i :i + 1
\\set n :base + :client_id * :per + :i
SELECT gate_read(ARRAY[symbol], ARRAY[signal_id], ARRAY[principal_id], ARRAY[key], '{${symbols}}', '{${ends}}') FROM bench_placements WHERE n = :n;
WITH a AS MATERIALIZED (SELECT version FROM accounts WHERE id = 1 FOR UPDATE)
SELECT gate_commit((p.head || a.version || p.tail)::jsonb) FROM a, bench_placements p WHERE p.n = :n;
`;

// Plain storage: reading a row back must cost pgbench nothing that the subject does not pay.
const TABLE = `
  CREATE TABLE bench_placements (n bigint PRIMARY KEY, symbol text, signal_id uuid, principal_id uuid, key text, head text, tail text);
  ALTER TABLE bench_placements ALTER head SET STORAGE PLAIN, ALTER tail SET STORAGE PLAIN;`;

export interface BaselineRun {
  readonly orders: number;
  readonly clients: number;
  readonly threads: number;
  readonly rate?: number;
  readonly log?: boolean;
}

/** pgbench doing the durable work of placing: what the subject's statements cost without the subject. */
export class OrderBaseline {
  private readonly program = findPgbench();
  private readonly script: string;
  private last = 0;

  constructor(
    private readonly data: TradingData,
    private readonly folder: string,
  ) {
    this.script = path.join(folder, 'place-order.pgbench');
  }

  async prepare(): Promise<void> {
    await this.data.pool.query(TABLE);
  }

  /** Places `orders` (a multiple of `clients`). @throws Error when one of them was not placed */
  async run({ orders, clients, threads, rate, log }: BaselineRun): Promise<PgbenchResult> {
    await this.data.settle();
    const base = await this.decideBeforehand(orders);
    await this.writeScript();
    const before = await this.data.orderCount();
    const result = await runPgbench(this.program, {
      url: this.data.url,
      script: this.script,
      clients,
      threads,
      transactionsPerClient: orders / clients,
      variables: { i: 0, base, per: orders / clients },
      ...(rate === undefined ? {} : { rate }),
      ...(log === true ? { logFolder: this.folder } : {}),
    });
    const placed = (await this.data.orderCount()) - before;
    if (placed !== orders) throw new Error(`pgbench placed ${placed} of ${orders} orders`);
    return result;
  }

  /** Like the subject, pgbench is not sent closes that it has. */
  private async writeScript(): Promise<void> {
    const { rows } = await this.data.pool.query<{ symbols: string; ends: string }>(
      `SELECT string_agg(symbol, ',' ORDER BY symbol) AS symbols, string_agg(epoch_ms(at)::text, ',' ORDER BY symbol) AS ends FROM features`,
    );
    const { symbols = '', ends = '' } = rows[0] ?? {};
    writeFileSync(this.script, scriptWith(symbols, ends));
  }

  /** Makes the arguments of gate_commit with placing's own code. @returns the number before the first row's */
  private async decideBeforehand(count: number): Promise<number> {
    const base = this.last;
    const { pool } = this.data;
    const signals = await this.data.signals(count);
    const store = createPlacementStore(pool, new PolicyCache((version) => loadPolicyBody(pool, version)), 'bench');
    const tools = {
      newId: () => randomUUID(),
      sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
    };
    const { principalId } = BENCH_ACTOR;
    const asked = signals.map((signal) => ({ signal, request: orderOf(signal), key: randomUUID() }));
    const snapshot = await store.read(
      asked.map(({ signal, request, key }) => ({ principalId, key, symbol: request.symbol, signalId: signal.id })),
    );
    const rows = [];
    for (const { signal, request, key } of asked) {
      const requestHash = tools.sha256(JSON.stringify(request));
      const decided = decidePlacement(
        snapshot,
        new BatchReservations(),
        { actor: BENCH_ACTOR, key, order: request, requestHash },
        tools,
      );
      if (decided === 'NO_SHARES') throw new Error('an order with a quantity was sized');
      const [head = '', tail = ''] = JSON.stringify({
        account_version: VERSION,
        trading_version: snapshot.versions.trading,
        settings_version: snapshot.versions.settings,
        at: new Date(snapshot.nowMs).toISOString(),
        ...batchJson([decided], [placementReply(decided.decided)], 'bench'),
      }).split(VERSION);
      this.last += 1;
      rows.push({
        n: this.last,
        symbol: request.symbol,
        signal_id: signal.id,
        principal_id: principalId,
        key,
        head,
        tail,
      });
    }
    await pool.query(
      `INSERT INTO bench_placements SELECT * FROM jsonb_to_recordset($1)
         AS r(n bigint, symbol text, signal_id uuid, principal_id uuid, key text, head text, tail text)`,
      [JSON.stringify(rows)],
    );
    await pool.query('ANALYZE bench_placements');
    return base;
  }
}
