// Asks a server (its address is the argument) a thousand times over, through the whole service, and prints the heap on the way.
// Run with --expose-gc.
import { memo1 } from '@/server/application/reasoning/prompts/memo-1';
import { createReasoningService } from '@/server/application/reasoning/service';
import { MemoryReasoningStore } from '@/server/application/reasoning/testing/memory-store';
import { question } from '@/server/application/reasoning/testing/questions';
import { createOpenAiReasoner } from '../openai';

const CALLS = 1_000;
/** Until the code is compiled and what it keeps for good is there. */
const WARM = 600;
const AT_ONCE = 8;

async function settledHeap(): Promise<number> {
  // Finalisers run between collections.
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc?.();
    await new Promise((next) => setImmediate(next));
  }
  return process.memoryUsage().heapUsed;
}

const service = createReasoningService({
  reasoner: createOpenAiReasoner({ url: process.argv[2] ?? '', model: 'gpt-4o-mini', key: 'k' }),
  store: new MemoryReasoningStore(),
  template: memo1,
  sha256: () => 'hash',
  nowMs: () => performance.now(),
  signal: new AbortController().signal,
  concurrency: AT_ONCE,
  limits: { softMs: 30_000, hardMs: 60_000 },
});

const counts: Record<string, number> = {};
async function ask(calls: number): Promise<void> {
  for (let n = 0; n < calls; n += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => service.answer(question())));
    for (const { status, cause } of answers) counts[cause ?? status] = (counts[cause ?? status] ?? 0) + 1;
  }
}

await ask(WARM);
const warm = await settledHeap();
await ask(CALLS);
const after = await settledHeap();
await service.close();
process.stdout.write(`${JSON.stringify({ counts, warm, after, handles: process.getActiveResourcesInfo() })}\n`);
