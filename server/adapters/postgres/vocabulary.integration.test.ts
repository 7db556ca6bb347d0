import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as vocabulary from '@/server/kernel/vocabulary';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';

/** Closed sets that the database enforces, by constraint, and the enumeration that each repeats. */
const ENFORCED: Readonly<Record<string, readonly string[]>> = {
  settings_stage: vocabulary.rolloutStageSchema.options,
  settings_mode: vocabulary.deploymentModeSchema.options,
  trading_state_state: vocabulary.tradingStateSchema.options,
  trading_causes_cause: vocabulary.tradingCauseSchema.options,
  signals_action: vocabulary.sideSchema.options,
  policy_evaluations_decision: vocabulary.decisionSchema.options,
  approvals_status: vocabulary.approvalStatusSchema.options,
  orders_kind: vocabulary.orderKindSchema.options,
  orders_side: vocabulary.sideSchema.options,
  orders_type: vocabulary.orderTypeSchema.options,
  orders_status: vocabulary.orderStatusSchema.options,
  orders_pending: vocabulary.pendingRequestSchema.options,
  exits_source: vocabulary.exitSourceSchema.options,
  exits_outcome: vocabulary.exitOutcomeSchema.options,
  fills_side: vocabulary.sideSchema.options,
  kill_drills_status: vocabulary.drillStatusSchema.options,
  memos_status_check: vocabulary.reasoningStatusSchema.options,
  memos_recommendation_check: vocabulary.recommendationSchema.options,
  market_events_source_check: vocabulary.marketEventSourceSchema.options,
};

/** Sets that only this adapter uses. */
const LOCAL = [
  'bars_source_check',
  'break_events_kind',
  'break_glass_kind',
  'break_glass_phase',
  'kill_drills_finished',
  'market_events_kind_check',
  'signal_tasks_state_check',
  'tie_outs_kind',
  'tie_outs_status',
  'trading_causes_state',
];

/** Columns without a constraint: their comment in the Prisma schema lists the values. */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  'Settings.stage': vocabulary.rolloutStageSchema.options,
  'Settings.mode': vocabulary.deploymentModeSchema.options,
  'TradingState.state': vocabulary.tradingStateSchema.options,
  'TradingCause.cause': vocabulary.tradingCauseSchema.options,
  'Signal.source': vocabulary.signalSourceSchema.options,
  'Signal.action': vocabulary.sideSchema.options,
  'Memo.status': vocabulary.reasoningStatusSchema.options,
  'PolicyEvaluation.decision': vocabulary.decisionSchema.options,
  'Approval.status': vocabulary.approvalStatusSchema.options,
  'Order.kind': vocabulary.orderKindSchema.options,
  'Order.status': vocabulary.orderStatusSchema.options,
  'Order.pending': vocabulary.pendingRequestSchema.options,
  'Order.positionEffect': vocabulary.positionEffectSchema.options,
  'Exit.source': vocabulary.exitSourceSchema.options,
  'Exit.outcome': vocabulary.exitOutcomeSchema.options,
  'KillDrill.status': vocabulary.drillStatusSchema.options,
};

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const quoted = (text: string) => [...text.matchAll(/'([A-Z][A-Z0-9_]*)'/g)].map(([, value]) => value);

test('every closed set that the database enforces is an enumeration of the vocabulary, value for value', async () => {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND pg_get_constraintdef(oid) ~ '^CHECK \\(\\(?\\(?[a-z_]+ = ANY'`,
  );
  const found = new Map(rows.map(({ name, definition }) => [name, quoted(definition).sort()]));
  expect([...found.keys()].filter((name) => !LOCAL.includes(name)).sort()).toEqual(Object.keys(ENFORCED).sort());
  for (const [name, options] of Object.entries(ENFORCED)) expect(found.get(name), name).toEqual([...options].sort());
});

test("the database's enum of roles is the vocabulary's", async () => {
  const { rows } = await client.query<{ value: string }>(`SELECT unnest(enum_range(NULL::"Role"))::text AS value`);
  expect(rows.map(({ value }) => value)).toEqual(vocabulary.roleSchema.options);
});

test('the Prisma schema lists the values of the vocabulary at each column', () => {
  const models = new Map(
    [...readFileSync('prisma/schema.prisma', 'utf8').matchAll(/^(?:model|enum) (\w+) \{\n([\s\S]*?)^\}/gm)].map(
      ([, name, body]) => [name, body ?? ''],
    ),
  );
  for (const [column, options] of Object.entries(DOCUMENTED)) {
    const [model = '', field = ''] = column.split('.');
    const comment = new RegExp(`^ *///(.*)\\n *${field} `, 'm').exec(models.get(model) ?? '')?.[1] ?? '';
    expect(comment.match(/\b[A-Z][A-Z0-9_]+\b/g), column).toEqual([...options]);
  }
  expect(
    models
      .get('Role')
      ?.match(/^ +[A-Z]+$/gm)
      ?.map((value) => value.trim()),
  ).toEqual(vocabulary.roleSchema.options);
});

test('SQL functions and indexes list exactly the live statuses', async () => {
  const folder = path.join(import.meta.dirname, 'sql');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const lists = files.flatMap((name) => [
    ...readFileSync(path.join(folder, name), 'utf8').matchAll(/\bstatus (?:NOT )?IN \(([^)]*)\)/g),
  ]);
  expect(lists.length).toBeGreaterThan(3);
  for (const [, list = ''] of lists) expect(quoted(list)).toEqual(vocabulary.LIVE_STATUSES);
  const { rows } = await client.query<{ definition: string }>(
    `SELECT pg_get_indexdef('orders_live'::regclass) AS definition`,
  );
  expect(quoted(rows[0]?.definition ?? '')).toEqual(vocabulary.LIVE_STATUSES);
});
