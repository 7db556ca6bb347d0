// The connection that Prisma's schema engine uses: the public pg adapter, with the three things that migrations need
// and the adapter, made for queries, does otherwise.
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** Object id of Postgres' internal one-byte type `"char"`, which the catalogue tables use. */
const CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * A factory for `SchemaEngine.new`, connecting to `url`.
 * @param {string} url a Postgres connection URL
 */
export function migrationAdapter(url) {
  const factory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(url),
    connectToShadowDb: () => openShadow(url),
  };
  return bindMigrationAwareSqlAdapterFactory(factory);
}

async function open(url) {
  // One connection: the engine holds session state (advisory lock, search_path) across its statements.
  const adapter = await new PrismaPg({ connectionString: url, max: 1 }).connect();
  const performIO = adapter.performIO.bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);

  adapter.performIO = async (query) => {
    const result = await performIO(query);
    result.charColumns = result.fields?.flatMap((field, index) => (field.dataTypeID === CHAR_OID ? [index] : [])) ?? [];
    for (const index of result.charColumns) result.fields[index].dataTypeID = TEXT_OID;
    adapter.lastCharColumns = result.charColumns;
    return result;
  };
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of adapter.lastCharColumns) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  // The adapter splits a script at every semicolon, which cuts function bodies apart. Postgres takes it whole.
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      adapter.onError(error);
    }
  };
  return adapter;
}

async function openShadow(url) {
  const name = `prisma_migrate_shadow_db_${globalThis.crypto.randomUUID()}`;
  await withClient(url, (client) => client.query(`CREATE DATABASE "${name}"`));
  const shadowUrl = new URL(url);
  shadowUrl.pathname = `/${name}`;
  const adapter = await open(shadowUrl.href);
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await withClient(url, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
  };
  return adapter;
}

/**
 * Runs `work` with one connection to `url` and closes it.
 * @template T
 * @param {string} url
 * @param {(client: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
