import type { Mutation } from './harness/bundles';

/** A change that makes the product wrong: the suite is worth something only while each one fails its cell. */
export interface Mutant {
  readonly name: string;
  readonly cell: string;
  /** What must be violated, so that it does not fail by accident. */
  readonly mustBreak: RegExp;
  readonly mutations: readonly Mutation[];
}

const SUBMIT = 'server/application/sending/submit-order.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'blind-resend',
    cell: 'replies',
    mustBreak: /I10 .* was sent again without being looked up/,
    mutations: [{ file: SUBMIT, find: "      return 'resolve';", replace: "      return 'again';" }],
  },
  {
    name: 'no-fill-dedup',
    cell: 'stream',
    mustBreak: /I2 .* filled here/,
    mutations: [
      {
        file: 'server/domain/order/executions.ts',
        find: '  if (known !== null) {',
        replace: '  if (known !== null && known.fill.executionId === "") {',
      },
      // The ledger would refuse the second entry of the same fill, and the booking with it.
      {
        file: 'server/adapters/postgres/orders/booking-write.ts',
        find: "    SELECT e->>'ref', e->>'kind'",
        replace: "    SELECT (e->>'ref') || gen_random_uuid(), e->>'kind'",
      },
      {
        file: 'server/adapters/postgres/orders/booking-write.ts',
        find: "ON entries.ref = e->>'ref'",
        replace: "ON starts_with(entries.ref, e->>'ref')",
      },
    ],
  },
  {
    name: 'no-halt-check',
    cell: 'halted',
    mustBreak: /I5 .* was sent after acknowledged/,
    mutations: [
      {
        file: 'server/application/sending/judge-send.ts',
        find: "  if (facts.cancelRequested) return never('cancelled before it was sent');\n",
        replace: '',
      },
      {
        file: 'server/application/sending/judge-send.ts',
        find: '  const byState = judgeTradingState(facts);',
        replace: "  const byState = judgeTradingState({ ...facts, tradingState: 'ACTIVE' });",
      },
    ],
  },
  {
    name: 'no-lease-fence',
    cell: 'sleepers',
    mustBreak: /I10 .* was sent again without being looked up/,
    mutations: [
      {
        file: SUBMIT,
        find: '    if (!facts.leaseHeld || facts.claimToken !== fence.token) throw',
        replace: "    if (fence.token === '') throw",
      },
    ],
  },
  {
    name: 'publish-before-commit',
    cell: 'filling',
    mustBreak: /I6 .* has \d+ events/,
    mutations: [
      {
        file: 'server/adapters/postgres/orders/booking-store.ts',
        find: '    await writeOrder(client, loaded.state, decision, request, extraTopics);',
        replace: `    for (const { topic, subject, data } of decision.outbox) {
      const event = [topic, subject, JSON.stringify(data)];
      await pool.query('INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), $1, $2, $3)', event);
    }
    await writeOrder(client, loaded.state, { ...decision, outbox: [] }, request, extraTopics);`,
      },
    ],
  },
  {
    name: 'cancel-once',
    cell: 'refused-cancel',
    mustBreak: /an exit did not end/,
    mutations: [
      {
        file: 'server/domain/exit/next-step.ts',
        find: '  !cancelRequested && (cancelSentAgoMs === null || cancelSentAgoMs >= CANCEL_AGAIN_MS);',
        replace: '  !cancelRequested && cancelSentAgoMs === null;',
      },
    ],
  },
  {
    name: 'sell-beside-a-buy',
    cell: 'wash-trade',
    mustBreak: /order\(s\) of exits were refused/,
    mutations: [
      {
        file: 'server/domain/exit/next-step.ts',
        find: '  if (opposite !== undefined) return',
        replace: "  if (opposite?.id === '') return",
      },
    ],
  },
  {
    name: 'stops-never-return',
    cell: 'stops',
    mustBreak: /unprotected: .* stops for 0 of/,
    mutations: [
      {
        file: 'server/adapters/postgres/orders/protection-store.ts',
        find: '      .filter(({ live }) => live)\n      .map(',
        replace: '      .map(',
      },
    ],
  },
  {
    name: 'hold-cancels-stops',
    cell: 'halted-stops',
    mustBreak: /was cancelled in the hold/,
    mutations: [
      {
        file: 'server/application/halt/verify-halt.ts',
        find: "kind === 'FLATTEN' || kind === 'PROTECTIVE'",
        replace: "kind === 'FLATTEN'",
      },
    ],
  },
  {
    name: 'failed-query-as-empty',
    cell: 'storm',
    mustBreak: /I9 .* POSITION_MISMATCH/,
    mutations: [
      {
        file: 'server/adapters/brokers/alpaca/broker.ts',
        find: `        readItems('POSITION', positionSchema, items, parsePosition, onUnreadable),
      ),`,
        replace: `        readItems('POSITION', positionSchema, items, parsePosition, onUnreadable),
      ).catch(() => []),`,
      },
    ],
  },
];
