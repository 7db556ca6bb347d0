// A client as a process of its own, so that it can be killed in the middle: of the commands (what the web process and the
// command line do, without HTTP), and of the bus. One JSON request a line on stdin, one JSON answer a line on stdout.
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { createNatsBus } from '@/server/adapters/nats/bus';
import { createEventLog } from '@/server/adapters/postgres/bus/event-log';
import { createOutboxBus } from '@/server/adapters/postgres/bus/outbox-bus';
import { createPool } from '@/server/adapters/postgres/pool';
import type { EventBus } from '@/server/application/ports/bus';
import { createCommands } from '@/server/composition/web';
import { systemClock } from '@/server/composition/worker';
import { orderRequestSchema } from '@/server/contracts/order';
import { TESTER } from './tester';

const requestSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('place'), key: z.string(), order: orderRequestSchema }),
  z.object({ op: z.literal('cancel'), orderId: z.string() }),
  z.object({ op: z.literal('halt'), reason: z.string() }),
  z.object({ op: z.literal('consume') }),
]);
export type ClientRequest = z.input<typeof requestSchema>;

const url = process.env['DATABASE_URL'] ?? '';
const natsUrl = process.env['NATS_URL'];
const pools = {
  main: createPool(url, { name: 'client', max: 4 }),
  control: createPool(url, { name: 'client control', max: 2, statementTimeoutMs: 30_000 }),
};
const commands = createCommands(pools, { codeVersion: 'faults' });
const say = (what: string) => process.stderr.write(`${what}\n`);

/** A durable consumer whose effect is a row, written in the transaction of the event. */
function consume(): { consuming: true } {
  const log = createEventLog(createPool(url, { name: 'client bus', max: 8 }));
  const onFault = (what: string, error: unknown) => say(`${what}: ${String(error)}`);
  const parts = { log, clock: systemClock, onFault };
  const bus: EventBus =
    natsUrl === undefined
      ? createOutboxBus(parts)
      : createNatsBus({ ...parts, url: natsUrl, name: 'fault suite', onState: say });
  const record = `INSERT INTO fault_effects (event_id, topic, position, partition) VALUES ($1, $2, $3::bigint, $4)`;
  bus.subscribe(
    'faults',
    ['*'],
    async ({ id, type, position, partition }, transaction) => {
      await transaction.query(record, [id, type, position, partition]);
    },
    { from: 'start' },
  );
  return { consuming: true };
}

function run(request: z.output<typeof requestSchema>): unknown {
  switch (request.op) {
    case 'place':
      return commands.placeOrder(TESTER, request.key, request.order);
    case 'cancel':
      return commands.cancelOrder(TESTER, request.orderId, 'test');
    case 'halt':
      return commands.halt(TESTER, request.reason);
    case 'consume':
      return consume();
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(requestSchema.parse(JSON.parse(line)));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
