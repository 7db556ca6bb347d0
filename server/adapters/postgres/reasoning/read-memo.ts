import { z } from 'zod';
import type { Memo, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, jsonRecord, oneOf, textOrNull } from '@/server/adapters/postgres/market/read-map';
import {
  type MemoEvidence,
  type MemoView,
  memoAttemptSchema,
  memoEvidenceSchema,
  memoSchema,
} from '@/server/contracts/console/memo';
import { type NewsItem, newsItemSchema, type ReasoningMemo, reasoningMemoSchema } from '@/server/contracts/memo';
import { recommendationSchema } from '@/server/kernel/vocabulary';

const newsSchema = z.array(newsItemSchema);
const attemptsSchema = z.array(memoAttemptSchema);
const trimmedSchema = z.object({ oldest: z.array(z.string()).default([]) });

const statusSchema = memoSchema.shape.status;

function citedOf(memo: ReasoningMemo | null, news: readonly NewsItem[]): MemoView['cited'] {
  const cited = new Set(memo?.cited_news_ids);
  return news
    .filter(({ id }) => cited.has(id))
    .map(({ id, source, published_at, headline }) => ({ id, source, publishedAt: published_at, headline }));
}

type Summary = Omit<Memo, keyof typeof MEMO_OMIT>;

const rawMemo = (record: Pick<Memo, 'memo'>) =>
  record.memo === null ? null : oneOf(reasoningMemoSchema, record.memo, 'memos.memo');

/** Prompts are long: only the evidence needs them. */
export const MEMO_OMIT = { prompt: true, parameters: true, inputHash: true } as const;

export function toMemoView(record: Summary): MemoView {
  const memo = rawMemo(record);
  const news = oneOf(newsSchema, record.news, 'memos.news');
  const trimmed = trimmedSchema.safeParse(record.trimmed);
  return {
    signalId: record.signalId,
    status: oneOf(statusSchema, record.status, 'memos.status'),
    fault: record.fault,
    recommendation:
      record.recommendation === null
        ? null
        : oneOf(recommendationSchema, record.recommendation, 'memos.recommendation'),
    thesis: memo?.thesis ?? null,
    counterThesis: memo?.counter_thesis ?? null,
    riskFlags: memo?.risk_flags ?? [],
    riskNotes: memo?.risk_notes ?? [],
    cited: citedOf(memo, news),
    newsSupplied: news.length,
    newsTrimmed: trimmed.success ? trimmed.data.oldest.length : 0,
    provider: record.provider,
    model: record.model,
    promptVersion: record.promptVersion,
    attempts: oneOf(attemptsSchema, record.attempts, 'memos.attempts').length,
    inputTokens: record.inputTokens,
    outputTokens: record.outputTokens,
    cost: textOrNull(record.cost),
    latencyMs: record.latencyMs,
    slow: record.slow,
    cachedFrom: record.cachedFrom,
    decidedAt: iso(record.decidedAt),
    createdAt: iso(record.createdAt),
  };
}

/** What came of asking for a memo on a signal; null where none was asked for yet. */
export async function readMemo(db: PrismaClient, signalId: string): Promise<MemoView | null> {
  const record = await db.memo.findUnique({
    where: { signalId },
    omit: MEMO_OMIT,
  });
  return record === null ? null : toMemoView(record);
}

/** The whole evidence of a memo. */
export async function readMemoEvidence(db: PrismaClient, signalId: string): Promise<MemoEvidence | null> {
  const record = await db.memo.findUnique({ where: { signalId } });
  if (record === null) return null;
  const prompt = memoEvidenceSchema.shape.prompt;
  return {
    memo: toMemoView(record),
    raw: rawMemo(record),
    parameters: jsonRecord(record.parameters),
    prompt: oneOf(prompt, record.prompt, 'memos.prompt'),
    attempts: oneOf(attemptsSchema, record.attempts, 'memos.attempts'),
    news: oneOf(newsSchema, record.news, 'memos.news'),
    trimmed: jsonRecord(record.trimmed),
    inputHash: record.inputHash,
  };
}
