import { readFile } from 'node:fs/promises';
import { type Env, EnvError, readEnv } from '@/server/composition/env';
import { composeGateway } from '@/server/composition/gateway';
import { createLogger } from '../runtime/logger';
import { startGateway } from './server';

const HELP = `Usage: node dist/gateway.mjs

Serves Alpaca's Trading API v2 for stocks to bots, over the gate. A bot is guarded by changing its addresses to this one and its keys
to a token of Countersign: the token is the secret key, its first 9 characters are the key id.

Environment:
  DATABASE_URL   the database, with the rights of the web process
  GATEWAY_PORT   default 4020
  GATEWAY_HOST   default 127.0.0.1; any other address opens the gateway to a network
  GATEWAY_TLS_CERT, GATEWAY_TLS_KEY
                 files in PEM; with them the gateway speaks TLS, without them plain HTTP
  NEXTAUTH_URL   address of the console in links; default http://127.0.0.1:PORT
`;
const STOP_LIMIT_MS = 5_000;

/** Something that a person must put right before the gateway can run. */
class StartError extends Error {
  override readonly name = 'StartError';
}

/** @throws StartError where one of the two files is missing or cannot be read */
async function readTls({ GATEWAY_TLS_CERT: cert, GATEWAY_TLS_KEY: key }: Env) {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined)
    throw new StartError('set both GATEWAY_TLS_CERT and GATEWAY_TLS_KEY, or none');
  const read = (file: string) =>
    readFile(file, 'utf8').catch((error: Error) => {
      throw new StartError(`cannot read ${file}: ${error.message}`);
    });
  return { cert: await read(cert), key: await read(key) };
}

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  const env = readEnv();
  const log = createLogger(env.LOG_LEVEL, 'gateway');
  const tls = await readTls(env);
  const services = composeGateway(env, log);
  const gateway = await startGateway(services, { host: env.GATEWAY_HOST, port: env.GATEWAY_PORT, tls });
  process.stdout.write(
    `gateway listening on ${tls === null ? 'http' : 'https'}://${env.GATEWAY_HOST}:${gateway.port}\n`,
  );
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
  const known = error instanceof EnvError || error instanceof StartError || taken;
  const text = taken ? 'its port is taken; set GATEWAY_PORT to a free one' : undefined;
  process.stderr.write(
    `gateway: ${text ?? (error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error))}\n`,
  );
  process.exit(known ? 2 : 1);
});
