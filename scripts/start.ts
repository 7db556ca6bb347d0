// `npm start`: from a clone to a running stack in one command.
import { Launcher } from './launcher/launcher';

const HELP = `npm start                 installs, builds and runs the whole stack; Ctrl-C stops it in order

Settings are environment variables (or lines of a .env file in this folder):
  PORT              console and REST interface        3000
  HOST              address it listens on             127.0.0.1
  DATA_DIR          database, logs, secrets           .data
  DATABASE_URL      a PostgreSQL of your own          (an embedded one is started)
  EMBEDDED_PG_PORT  port of the embedded PostgreSQL   54329
  SIMULATOR_PORT    port of the paper broker          4010
  GATEWAY_PORT      port of the gateway for bots      4020
  LOG_LEVEL         trace debug info warn error       info
The README lists the others (recorded bars, another broker).`;

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
// A terminal that was closed must not end the launcher before it has stopped what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const launcher = new Launcher();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => launcher.interrupt(signal));
try {
  await launcher.run();
} catch (error) {
  await launcher.abandon(error);
}
