import { EnvError, readEnv } from '@/server/composition/env';
import { composeGateway } from '@/server/composition/gateway';
import { createLogger } from '../runtime/logger';
import { startGateway } from './server';

const HELP = `Usage: node dist/gateway.mjs

Serves Alpaca's Trading API v2 for stocks to bots, over the gate. A bot is guarded by changing its addresses to this one and its keys
to a token of Countersign: the token is the secret key, its first 9 characters are the key id.

Environment:
  DATABASE_URL   the database, with the rights of the web process
  GATEWAY_PORT   default 4020
  GATEWAY_HOST   default 127.0.0.1; opens the gateway to a network, without encryption
  NEXTAUTH_URL   address of the console in links; default http://127.0.0.1:PORT
`;
const STOP_LIMIT_MS = 5_000;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  const env = readEnv();
  const log = createLogger(env.LOG_LEVEL, 'gateway');
  const services = composeGateway(env, log);
  const gateway = await startGateway(services, { host: env.GATEWAY_HOST, port: env.GATEWAY_PORT });
  process.stdout.write(`gateway listening on http://${env.GATEWAY_HOST}:${gateway.port}\n`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    gateway
      .close()
      .then(() => services.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'stopping');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const known = error instanceof EnvError || taken;
  const text = taken ? 'its port is taken; set GATEWAY_PORT to a free one' : undefined;
  process.stderr.write(
    `gateway: ${text ?? (error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error))}\n`,
  );
  process.exit(known ? 2 : 1);
});
