import type { Pool } from 'pg';

/** Counts every statement that a pool's connections send from now on, BEGIN and COMMIT among them. Call it on a fresh pool. */
export function countStatements(pool: Pool): () => number {
  let statements = 0;
  pool.on('connect', (client) => {
    const query = new Proxy(client.query, {
      apply(target, self, args) {
        statements += 1;
        return Reflect.apply(target, self, args);
      },
    });
    Object.defineProperty(client, 'query', { value: query, configurable: true });
  });
  return () => statements;
}
