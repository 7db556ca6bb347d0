// A process that consumes events as a worker does: started by the tests, which kill it.
import { createNatsBus } from '@/server/adapters/nats/bus';
import { createEventLog } from '@/server/adapters/postgres/bus/event-log';
import { createPool } from '@/server/adapters/postgres/pool';
import { recordEffect, testClock } from '@/test-support/bus';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
};

const pool = createPool(setting('DATABASE_URL'), { name: 'consumer process', max: 8 });
const bus = createNatsBus({
  url: setting('NATS_URL'),
  name: 'test consumer',
  log: createEventLog(pool),
  clock: testClock,
  onFault: (what, error) => console.error(what, error),
  onState: (what) => console.error(what),
});
const work = recordEffect(setting('CONSUMER'), String(process.pid));
bus.subscribe(setting('CONSUMER'), [setting('TOPIC')], async (event, transaction) => {
  await work(event, transaction);
  // Long enough that two processes really share the work.
  await transaction.query('SELECT pg_sleep(0.001)');
});
