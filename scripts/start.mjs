#!/usr/bin/env node
// `npm start`: from a bare clone to a running stack in one command. Node built-ins only until dependencies are there.
import { nodeFault } from './lib/repo.mjs';
import { fail } from './lib/terminal.mjs';

const HELP = `npm start                 installs, builds and runs the whole stack; Ctrl-C stops it in order

Settings are environment variables (or lines of a .env file in this folder):
  PORT              console and REST interface        3000
  HOST              address it listens on             127.0.0.1
  DATA_DIR          database, logs, secrets           .data
  DATABASE_URL      a PostgreSQL of your own          (an embedded one is started)
  EMBEDDED_PG_PORT  port of the embedded PostgreSQL   54329
  SIMULATOR_PORT    port of the paper broker          4010
  LOG_LEVEL         trace debug info warn error       info
The README lists the others (recorded bars, another broker).`;

const fault = nodeFault();
if (fault) fail(fault);
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
// A terminal that was closed must not end the launcher before it has stopped what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { Launcher } = await import('./launcher/launcher.mjs');
const launcher = new Launcher();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.interrupt(signal));
try {
  await launcher.run();
} catch (error) {
  await launcher.abandon(error);
}
