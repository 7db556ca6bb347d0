import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { storableJson, storableText } from '@/server/adapters/postgres/storable';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { type MemoRecord, type MemoStore, UnknownSignalError } from '@/server/application/ports/memo-store';
import { reasoningVerdictSchema } from '@/server/contracts/policy';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';
import { CONTEXT, toMemoContext } from './memo-context';

const rowSchema = z.object({ status: z.string(), recommendation: z.string().nullable() });

function toVerdict(row: unknown): ReasoningVerdict {
  const { status, recommendation } = rowSchema.parse(row);
  return reasoningVerdictSchema.parse({ status, ...(recommendation === null ? {} : { recommendation }) });
}

const FIND = 'SELECT status, recommendation FROM memos WHERE signal_id = $1';

/** Keeps a verdict that another process stored first: it is no longer null once the row is locked. */
const BEGIN = `
  WITH known AS (${FIND}),
  begun AS (UPDATE signals SET reasoning = '{"status": "FAILED"}' WHERE id = $1 AND reasoning IS NULL AND NOT EXISTS (SELECT FROM known))
  SELECT k.status, k.recommendation FROM signals s LEFT JOIN known k ON true WHERE s.id = $1`;

const INSERT = `
  INSERT INTO memos (signal_id, status, recommendation, memo, fault, provider, model, parameters, prompt_version, prompt, trimmed,
                     attempts, news, input_hash, cached_from, input_tokens, output_tokens, cost, latency_ms, slow, decided_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
  ON CONFLICT (signal_id) DO NOTHING`;

/** A memo that is used again was written from the same items: nothing was sent now, but they are what it cites. */
const suppliedOf = ({ prompt, cachedFrom }: MemoRecord['answer'], summary: MemoRecord['summary']) =>
  prompt?.news ?? (cachedFrom === null ? [] : (summary?.items ?? []));

function valuesOf({ signalId, answer, summary, atMs }: MemoRecord): unknown[] {
  const { prompt, memo } = answer;
  return [
    signalId,
    answer.status,
    memo?.recommendation ?? null,
    memo === null ? null : storableJson(memo),
    answer.fault === null ? null : storableText(answer.fault),
    answer.provider,
    answer.model,
    storableJson(answer.parameters),
    prompt === null ? null : answer.promptVersion,
    prompt === null ? null : storableJson({ system: prompt.system, user: prompt.user }),
    storableJson({ oldest: prompt?.trimmed ?? [], left: summary?.left ?? {}, concealed: summary?.suspicious ?? [] }),
    storableJson(answer.attempts),
    storableJson(suppliedOf(answer, summary)),
    answer.inputHash,
    answer.cachedFrom,
    answer.inputTokens,
    answer.outputTokens,
    answer.cost,
    Math.round(answer.latencyMs),
    answer.slow,
    new Date(atMs),
  ];
}

async function storedVerdict(client: PoolClient, signalId: string): Promise<ReasoningVerdict> {
  const { rows } = await client.query(FIND, [signalId]);
  return toVerdict(rows[0]);
}

/** Memos in Postgres. */
export function createMemoStore(pool: Pool): MemoStore {
  return {
    async begin(signalId) {
      const { rows } = await pool.query<{ status: string | null }>(BEGIN, [signalId]);
      if (rows[0] === undefined) throw new UnknownSignalError(`there is no signal ${signalId}`);
      return rows[0].status === null ? null : toVerdict(rows[0]);
    },
    async context(symbol) {
      const { rows } = await pool.query<{ context: unknown }>({ ...CONTEXT, values: [symbol] });
      return toMemoContext(rows[0]?.context, symbol);
    },
    finish: (record) =>
      inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(INSERT, valuesOf(record));
        // Of two that asked, the first one's memo counts, for both.
        const verdict = await storedVerdict(client, record.signalId);
        await client.query('UPDATE signals SET reasoning = $2::jsonb WHERE id = $1 AND consumed_by IS NULL', [
          record.signalId,
          JSON.stringify(verdict),
        ]);
        if (rowCount === 1) {
          await client.query(
            `INSERT INTO outbox (id, topic, subject, data)
             SELECT $2, 'reasoning.memo.written', id::text, jsonb_build_object('signal_id', id, 'symbol', symbol, 'status', $3::text)
               FROM signals WHERE id = $1`,
            [record.signalId, randomUUID(), verdict.status],
          );
        }
        return verdict;
      }),
  };
}
