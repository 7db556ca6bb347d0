import type { Pool, PoolClient } from 'pg';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import type { PolicyCache } from '@/server/application/policy/policy-cache';
import {
  type CommitResult,
  type GateQuery,
  type GateSnapshot,
  LockWaitError,
  type PlacementRows,
  type PlacementSession,
  type PlacementStore,
} from '@/server/application/ports/placement-store';
import { placementOutcome, placementReply } from '@/server/contracts/placement';
import { failpoint } from '@/server/kernel/failpoint';
import { ClosesCache } from './gate-features';
import { type RawGate, type RawStoredPlacement, toGateSnapshot, toStoredPlacement } from './gate-snapshot';
import { batchJson } from './placement-rows';

interface Connection {
  query<T extends object>(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: T[] }>;
}

interface RawCommit {
  readonly status: 'STALE' | 'DONE';
  readonly replayed?: readonly (RawStoredPlacement & { readonly n: number })[];
}

/** SQLSTATE of a lock timeout, of a deadlock, and of our own error for a signal that was consumed in the meantime. */
const LOCK_TIMEOUT = '55P03';
const RETRY = new Set(['CS001', '40P01', '40001']);

function sqlState(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

class Session implements PlacementSession {
  constructor(
    private readonly connection: Connection,
    private readonly policies: PolicyCache,
    private readonly codeVersion: string,
    private readonly closes: ClosesCache,
  ) {}

  async read(queries: readonly GateQuery[]): Promise<GateSnapshot> {
    const known = this.closes.known();
    const { rows } = await this.connection.query<{ gate: RawGate; fractionable: string[] }>({
      name: 'gate_read',
      text: `SELECT gate_read($1, $2, $3, $4, $5, $6) AS gate,
        ARRAY(SELECT symbol FROM assets WHERE symbol = ANY ($1) AND tradable AND fractionable) AS fractionable`,
      values: [
        distinct(queries.map((query) => query.symbol)),
        distinct(queries.map((query) => query.signalId)),
        queries.map((query) => query.principalId),
        queries.map((query) => query.key),
        [...known.keys()],
        Array.from(known.values(), ({ atMs }) => atMs),
      ],
    });
    const raw = rows[0]?.gate;
    if (raw === undefined || raw.settings === null)
      throw new Error('the database has no settings: run the migrations and the seed');
    const policy = await this.policies.get(raw.settings.policy_version);
    const fractionable = new Set(rows[0]?.fractionable);
    const features = this.closes.resolve(raw.features, known);
    return { ...toGateSnapshot(raw, raw.settings.stage, raw.settings.version, policy), fractionable, features };
  }

  async commit(snapshot: GateSnapshot, at: Date, rows: readonly PlacementRows[]): Promise<CommitResult> {
    const replies = rows.map(({ decided }) => placementReply(decided));
    const payload = {
      account_version: snapshot.versions.account,
      trading_version: snapshot.versions.trading,
      settings_version: snapshot.versions.settings,
      at: at.toISOString(),
      ...batchJson(rows, replies, this.codeVersion),
    };
    failpoint('intent-before-commit');
    try {
      const { rows: results } = await this.connection.query<{ result: RawCommit }>({
        name: 'gate_commit',
        text: 'SELECT gate_commit($1::jsonb) AS result',
        values: [JSON.stringify(payload)],
      });
      failpoint('intent-committed');
      return toResult(results[0]?.result, rows, replies);
    } catch (error) {
      const state = sqlState(error);
      if (state === LOCK_TIMEOUT) throw new LockWaitError('a lock was not had in time', { cause: error });
      if (state !== null && RETRY.has(state)) return { status: 'STALE' };
      throw error;
    }
  }
}

function toResult(
  raw: RawCommit | undefined,
  rows: readonly PlacementRows[],
  replies: readonly string[],
): CommitResult {
  if (raw?.status !== 'DONE') return { status: 'STALE' };
  const earlier = new Map((raw.replayed ?? []).map((row) => [row.n, row]));
  const stored = rows.map(({ key, decided }, n) => {
    const row = earlier.get(n);
    if (row !== undefined) return { ...toStoredPlacement(row), replayed: true };
    const { requestHash } = key;
    return { requestHash, outcome: placementOutcome(decided), reply: replies[n] ?? '', replayed: false };
  });
  return { status: 'DONE', stored };
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Placing over `pg`: one prepared statement reads, one commits. */
export function createPlacementStore(pool: Pool, policies: PolicyCache, codeVersion: string): PlacementStore {
  const closes = new ClosesCache();
  const shared = new Session(pool, policies, codeVersion, closes);
  return {
    read: (queries) => shared.read(queries),
    commit: (snapshot, at, rows) => shared.commit(snapshot, at, rows),
    async exclusively(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      // A halt may end this connection between two statements: that must not end the process.
      const onError = (error: Error) => {
        broken = error;
      };
      client.on('error', onError);
      try {
        await client.query('BEGIN');
        await client.query('SELECT pg_advisory_xact_lock_shared($1)', [SEND_LOCK]);
        await client.query('SELECT 1 FROM accounts WHERE id = 1 FOR UPDATE');
        const result = await work(new Session(client, policies, codeVersion, closes));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        const fault = await rollback(client);
        broken ??= fault;
        if (sqlState(error) === LOCK_TIMEOUT) throw new LockWaitError('a lock was not had in time', { cause: error });
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    },
  };
}
