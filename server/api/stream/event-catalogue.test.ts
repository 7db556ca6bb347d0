import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { appRouter } from '@/server/api/root';
import { EVENTS, isTopic, staleQueries, type Topic } from '@/server/contracts/events';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Production sources, TypeScript and SQL, without this catalogue. */
const SOURCES = ['server', 'workers', 'cli'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .filter(
      (name) => /\.(ts|sql)$/.test(name) && !/\.test\.ts$|\/testing\/|\/generated\/|contracts\/events\.ts$/.test(name),
    )
    .map((name) => ({ name, text: readFileSync(path.join(ROOT, name), 'utf8') })),
);

const TOPIC_WORDS = /'([a-z]+(?:\.[a-z_]+)+)'/g;
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

/** Topics that a source writes: in its INSERT statements into the outbox, and in the events it builds for them. */
function written({ text }: { readonly text: string }): string[] {
  const statements = matches(text, /(INSERT INTO outbox[^;]*?)(?:;|`|\n {2}\}|$)/g);
  return [
    ...statements.flatMap((statement) => matches(statement, TOPIC_WORDS)),
    ...matches(text, /\btopics?: \[?'([a-z]+(?:\.[a-z_]+)+)'/g),
    ...matches(text, /topics\.push\('([a-z_.]+)'/g),
    ...matches(text, /'([a-z]+(?:\.[a-z_]+)+)' AS topic/g),
  ];
}

/** Whether the router has a query of that name. */
function isQuery(name: string): boolean {
  let node: unknown = appRouter;
  for (const part of [...name.split('.'), '_def', 'type'])
    node = typeof node === 'object' || typeof node === 'function' ? Reflect.get(node ?? {}, part) : undefined;
  return node === 'query';
}

describe('the event catalogue', () => {
  it('has every topic that a source writes to the outbox', () => {
    const unknown = SOURCES.flatMap((source) =>
      written(source)
        .filter((topic) => !isTopic(topic))
        .map((topic) => `${source.name}: ${topic}`),
    );
    expect(unknown).toEqual([]);
    expect(SOURCES.flatMap(written).length).toBeGreaterThan(25);
  });

  it('has no topic that nothing writes', () => {
    const literals = new Set(SOURCES.flatMap(({ text }) => matches(text, TOPIC_WORDS)));
    expect(Object.keys(EVENTS).filter((topic) => !literals.has(topic))).toEqual([]);
  });

  it('is the only source of topics for consumers', () => {
    const consumed = SOURCES.flatMap(({ text }) => matches(text, /\.subscribe\('[a-z-]+', \['([^']+)'\]/g));
    expect(consumed.length).toBeGreaterThan(0);
    expect(consumed.filter((topic) => !isTopic(topic))).toEqual([]);
  });

  it('names as stale only queries that the router has', () => {
    const named = new Set(Object.values(EVENTS).flatMap(({ stale }) => [...stale]));
    expect([...named].filter((query) => !isQuery(query))).toEqual([]);
  });
});

describe('staleQueries', () => {
  it.each([
    ['order.filled', ['orders.list', 'orders.get', 'system.overview']],
    ['approval.requested', ['approvals.list', 'system.status']],
    ['trading.halt.acknowledged', ['system.status']],
    ['reasoning.memo.written', ['reasoning.memo', 'signals.get']],
  ])('%s makes %j stale', (topic, queries) => {
    expect(staleQueries(topic)).toEqual(expect.arrayContaining(queries));
  });

  it('refetches neither the account nor the status bar for an order: their own events do that', () => {
    const orders = Object.keys(EVENTS).filter((topic): topic is Topic => topic.startsWith('order.'));
    expect(orders.length).toBeGreaterThan(10);
    for (const topic of orders) {
      expect(staleQueries(topic)).not.toContain('portfolio.get');
      expect(staleQueries(topic)).not.toContain('system.status');
    }
  });

  it('a closed bar touches the market alone', () => {
    expect(staleQueries('market.bar.closed').every((query) => query.startsWith('market.'))).toBe(true);
  });

  it.each(['market.quote.updated', 'something.else', '', 'constructor'])('%s touches nothing', (topic) => {
    expect(staleQueries(topic)).toEqual([]);
  });
});
