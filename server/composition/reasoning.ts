import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { createMemoStore } from '@/server/adapters/postgres/reasoning/memo-store';
import { createReasoningStore } from '@/server/adapters/postgres/reasoning/reasoning-store';
import { createReasoner } from '@/server/adapters/reasoner/create';
import type { MemoService } from '@/server/application/ports/memo-service';
import { createMemoService } from '@/server/application/reasoning/memo-service';
import { memo1 } from '@/server/application/reasoning/prompts/memo-1';
import { createReasoningService, type ReasoningService } from '@/server/application/reasoning/service';
import type { Clock } from '@/server/kernel/clock';
import type { Env } from './env';

/** Calls of a model at once, unless REASONER_CONCURRENCY says otherwise. */
const CONCURRENCY = 4;

/** The reasoner that the settings name, with everything that bounds it. Close it. */
export function composeReasoning(
  env: Pick<Env, 'REASONER' | 'REASONER_URL' | 'REASONER_MODEL' | 'REASONER_KEY' | 'REASONER_CONCURRENCY'>,
  pool: Pool,
  signal: AbortSignal,
  onFault: (what: string, error?: unknown) => void,
): ReasoningService {
  return createReasoningService({
    reasoner: createReasoner(env),
    store: createReasoningStore(pool),
    template: memo1,
    sha256: (text) => hash('sha256', text),
    nowMs: () => performance.now(),
    signal,
    concurrency: env.REASONER_CONCURRENCY ?? CONCURRENCY,
    onFault,
  });
}

/** The memo service that asks it about candidates, over the same database. */
export function composeMemoService(
  service: ReasoningService,
  pool: Pool,
  clock: Clock,
  signal: AbortSignal,
  onFault: (what: string, error: unknown) => void,
): MemoService {
  return createMemoService({
    service,
    store: createMemoStore(pool),
    news: createNewsStore(pool),
    clock,
    signal,
    onFault,
  });
}
