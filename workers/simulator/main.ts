import { setFlagsFromString } from 'node:v8';
import { ConfigError, readConfig } from './config';
import { FolderInUseError } from './folder-lock';
import { HELP } from './help';
import { JournalError } from './journal/line';
import { BarsFileError } from './market/bars-file';
import { NewsFileError } from './market/news';
import { type RunningSimulator, startSimulator } from './simulator';

const VERSION = '1';

/** One clear line for what a user can put right; anything else is shown whole. */
function explain(error: unknown, port: number | null): string {
  if (error instanceof ConfigError || error instanceof JournalError) return error.message;
  if (error instanceof FolderInUseError || error instanceof BarsFileError || error instanceof NewsFileError)
    return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `port ${port} is taken; set SIMULATOR_PORT to a free one`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function stopOnSignals(simulator: RunningSimulator): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    simulator.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`simulator: ${explain(error, null)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  let port: number | null = null;
  try {
    const config = readConfig(process.env, VERSION);
    port = config.port;
    const simulator = await startSimulator(config, (error) => {
      // What was not written must not be answered: better no broker than one that forgets.
      process.stderr.write(`simulator: the journal cannot be written: ${error.message}\n`);
      process.exit(1);
    });
    stopOnSignals(simulator);
    for (const note of simulator.notes) process.stdout.write(`simulator: ${note}\n`);
    process.stdout.write(`simulator listening on ${simulator.url}\n`);
  } catch (error) {
    process.stderr.write(`simulator: ${explain(error, port)}\n`);
    process.exitCode = 1;
  }
}

// Requests live for milliseconds: a young generation that grows with a busy hour would only keep the memory afterwards.
setFlagsFromString('--semi-space-growth-factor=1');
await main();
