import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { createSubmitSignal } from '@/server/application/signals/submit-signal';
import { createSignalSchema } from '@/server/contracts/signals';
import { type ModelServer, startModelServer } from '@/test-support/model-server';
import { Stack, TESTER } from '../testing/stack';

let stack: Stack;
let model: ModelServer;

beforeAll(async () => {
  model = await startModelServer();
  stack = await Stack.start();
  await stack.worker({
    REASONER: 'openai',
    REASONER_URL: model.url,
    REASONER_MODEL: 'gpt-4o-mini',
    REASONER_KEY: 'sk-test',
  });
  await stack.reconciled();
});
afterAll(async () => {
  await stack.stop();
  await model.close();
});

test('a model that warns sends a trade to a person, whose yes is an order that is filled; its news come from the market data source', async () => {
  await stack.until('features', async () => {
    const { rowCount } = await stack.pool.query(`SELECT 1 FROM features WHERE symbol = 'AAPL'`);
    return rowCount === 1;
  });
  model.script(({ texts }) => {
    const signalId = /"signal_id":"([0-9a-f-]{36})"/.exec(texts.join('\n'))?.[1];
    const memo = {
      signal_id: signalId,
      thesis: 'It may rise.',
      counter_thesis: 'It may fall.',
      risk_flags: ['macro_event'],
    };
    const rest = { risk_notes: [], recommendation: 'ALLOW_WITH_CAUTION', cited_news_ids: [] };
    return { kind: 'answer', text: JSON.stringify({ ...memo, ...rest }) };
  });
  const submit = createSubmitSignal(createSignalTasks(stack.pool), {
    newId: randomUUID,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const request = { symbol: 'AAPL', candidate_action: 'BUY', confidence: 0.9, size_pct: 0.01, model_version: 'v1' };
  const submitted = await submit(TESTER, createSignalSchema.parse(request));
  const signalId = submitted.ok ? submitted.signalId : '';
  const approval = async () => {
    const { rows } = await stack.pool.query<{ id: string; shown_hash: string }>(
      'SELECT id, shown_hash FROM approvals WHERE signal_id = $1',
      [signalId],
    );
    return rows[0];
  };
  await stack.until('the approval', async () => (await approval()) !== undefined);
  const { rows } = await stack.pool.query(
    `SELECT m.status, m.provider, m.recommendation, e.decision, e.blind FROM memos m JOIN policy_evaluations e USING (signal_id) WHERE signal_id = $1`,
    [signalId],
  );
  expect(rows).toEqual([
    {
      status: 'OK',
      provider: expect.stringContaining('openai'),
      recommendation: 'ALLOW_WITH_CAUTION',
      decision: 'REVIEW',
      blind: { decision: 'APPROVE', codes: [] },
    },
  ]);
  const { id = '', shown_hash: shown = '' } = (await approval()) ?? {};
  expect((await stack.commands.approve(TESTER, id, shown)).ok).toBe(true);
  await stack.until('the fill', async () => {
    const { rowCount } = await stack.pool.query(`SELECT 1 FROM orders WHERE signal_id = $1 AND status = 'FILLED'`, [
      signalId,
    ]);
    return rowCount === 1;
  });
  await stack.until('news', async () => (await createNewsStore(stack.pool).newestMs('alpaca:')) !== null);
});
