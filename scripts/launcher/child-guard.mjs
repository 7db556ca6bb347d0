// Loaded into each child before its program: when the launcher is gone (even by kill -9), the child stops too, in its
// own order, and a log that nobody reads any more does not end it half-way.
const LAST_RESORT_MS = 20_000;

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
