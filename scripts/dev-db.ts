// A PostgreSQL for development: `npm run db:dev -- --port 54400 --data /tmp/x [--migrate]` prints DATABASE_URL and stays until
// Ctrl-C.
import { parseArgs } from 'node:util';
import { startPostgres } from './lib/embedded-postgres';
import { migrate } from './lib/migrate';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '54400' },
    data: { type: 'string', default: '.data/dev-postgres' },
    migrate: { type: 'boolean', default: false },
  },
});

const server = await startPostgres({
  dataDir: values.data,
  port: Number(values.port),
  password: 'development',
  notice: (line) => console.error(line),
  log: (line) => {
    if (/(FATAL|PANIC)/.test(line)) console.error(line);
  },
});
await server.ensureDatabase('countersign');
if (values.migrate) await migrate(server.url('countersign'));
console.log(`DATABASE_URL=${server.url('countersign')}`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
await server.exited;
