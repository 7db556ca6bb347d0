#!/usr/bin/env node
// Stands in for Prisma's native schema engine, which would have to be downloaded from outside npm: the same command
// line and JSON-RPC (a message a line on stdin and stdout), in front of the engine's WebAssembly build from npm.
// Prisma's CLI finds it through PRISMA_SCHEMA_ENGINE_BINARY (set in prisma.config.ts).
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
  },
});
const url = values.datasource ? JSON.parse(values.datasource).url : process.env.DATABASE_URL;

if (positionals[0] === 'cli') await runCli(positionals[1]);
else serve();

/** `can-connect-to-database` and `create-database`: exit 0, or exit 1 with the error as a JSON line. */
async function runCli(command) {
  const { withClient } = await import('./adapter.mjs');
  try {
    if (command === 'can-connect-to-database') await withClient(url, (client) => client.query('SELECT 1'));
    else if (command === 'create-database') await createDatabase(withClient);
    else throw Object.assign(new Error(`unknown command ${command}`), { code: 'UNKNOWN' });
  } catch (error) {
    const fields = { error_code: errorCode(error), message: describe(error) };
    process.stderr.write(
      `schema engine\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`,
    );
    process.exit(1);
  }
}

async function createDatabase(withClient) {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1)).replaceAll('"', '""');
  target.pathname = '/postgres';
  await withClient(target.href, (client) => client.query(`CREATE DATABASE "${name}"`));
}

function errorCode(error) {
  const codes = { '3D000': 'P1003', '28P01': 'P1000', 28000: 'P1000', '42P04': 'P1009' };
  return codes[error.code] ?? 'P1001';
}

function describe(error) {
  if (error.code === '3D000') return `Database \`${new URL(url).pathname.slice(1)}\` does not exist`;
  return `${error.message || error.code || 'unreachable'} (database server at ${new URL(url).host})`;
}

function serve() {
  let engine;
  let current;
  // A panic inside WebAssembly surfaces here, not at the call that caused it.
  process.on('uncaughtException', (error) => {
    if (current) refuse(current, error);
    process.exitCode = 101;
    process.stdin.destroy();
  });
  let queue = Promise.resolve();
  const input = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  input.on('line', (line) => {
    const request = JSON.parse(line);
    if (!request.method) return;
    queue = queue.then(async () => {
      current = request.id;
      engine ??= await startEngine();
      await answer(engine, request);
      current = undefined;
    });
  });
  input.on('close', () => void queue.then(() => process.exit()));
}

async function startEngine() {
  const [{ loadSchemaEngine }, { migrationAdapter }] = await Promise.all([
    import('./wasm.mjs'),
    import('./adapter.mjs'),
  ]);
  const SchemaEngine = await loadSchemaEngine();
  const datamodels = values.datamodels?.map((file) => [file, readFileSync(file, 'utf8')]);
  const options = { datamodels, resetShadowDatabase: true };
  return SchemaEngine.new(options, () => undefined, migrationAdapter(url ?? 'postgresql://localhost/none'));
}

/** The engine's methods carry the names of the RPC methods, but for the version. */
async function answer(engine, { id, method, params }) {
  const name = method === 'getDatabaseVersion' ? 'version' : method;
  try {
    if (typeof engine[name] !== 'function') throw new Error(`the schema engine has no method ${method}`);
    const result = (await engine[name](params)) ?? {};
    if (method === 'diff') {
      send({ id: 0, method: 'print', params: { content: (result.stdout ?? '').replace(/\n$/, '') } });
    }
    send({ id, result });
  } catch (error) {
    refuse(id, error);
  }
}

function refuse(id, error) {
  const panic = globalThis.PRISMA_WASM_PANIC_REGISTRY?.message;
  const data = { is_panic: Boolean(panic), message: panic ?? error.message ?? String(error), meta: error.meta ?? null };
  if (error.code) data.error_code = error.code;
  send({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } });
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}
