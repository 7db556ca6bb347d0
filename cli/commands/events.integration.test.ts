import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '@/cli/testing/run-cli';
import { marketEventSchema } from '@/server/contracts/console/market-events';
import { ACTOR, createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
let databaseUrl: string | undefined;
let folder: string;

beforeAll(async () => {
  fixture = await createTradingFixture();
  databaseUrl = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = fixture.database.url;
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-events-'));
});
afterAll(async () => {
  if (databaseUrl === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = databaseUrl;
  await rm(folder, { recursive: true, force: true });
  await fixture.close();
});

const run = (...args: readonly string[]) => runCli('events', ...args);

const listed = async (...args: readonly string[]) =>
  z.array(marketEventSchema).parse(JSON.parse((await run('list', '--json', ...args)).out));

async function file(name: string, ...rows: readonly string[]): Promise<string> {
  const where = path.join(folder, name);
  await writeFile(where, ['kind,symbol,title,starts_at,ends_at', ...rows, ''].join('\n'));
  return where;
}

const audited = async () =>
  (await fixture.pool.query(`SELECT action FROM audit_log WHERE action LIKE 'market-event.%' ORDER BY id`)).rows.map(
    ({ action }) => action,
  );

describe('countersign events', () => {
  it('adds, lists, removes with a reason and restores an event, and audits each', async () => {
    const added = await run(
      ...['add', '--kind', 'EARNINGS', '--symbol', 'aapl', '--title', 'Q1'],
      ...['--from', '2090-01-26 15:30', '--to', '2090-01-27T15:00:00Z', '--json'],
    );
    expect(added.code).toBe(0);
    const { id } = JSON.parse(added.out);
    expect(await listed('--symbol', 'AAPL')).toMatchObject([
      { id, symbol: 'AAPL', startsAt: '2090-01-26T20:30:00.000Z', endsAt: '2090-01-27T15:00:00.000Z' },
    ]);
    expect(await listed('--symbol', 'MSFT')).toEqual([]);
    expect((await run('list')).out).toContain('2090-01-26 15:30');

    expect((await run('remove', id, '--reason', 'moved')).code).toBe(0);
    expect(await run('remove', id, '--reason', 'moved')).toMatchObject({ code: 1, err: /removed already/ });
    expect(await listed('--state', 'removed')).toMatchObject([{ id }]);
    expect(await fixture.commands.restoreMarketEvent(ACTOR, id)).toEqual({ ok: true, status: 'RESTORED' });
    expect(await listed()).toMatchObject([{ id, removedBy: null }]);
    expect(await fixture.commands.restoreMarketEvent(ACTOR, id)).toMatchObject({ ok: false, code: 'ALREADY_DECIDED' });
    expect(await audited()).toEqual(['market-event.add', 'market-event.remove', 'market-event.restore']);
  });

  it('does not restore an event that was added again meanwhile', async () => {
    const event = {
      kind: 'OTHER',
      symbol: null,
      title: 'x',
      startsAt: '2090-02-01T15:00:00.000Z',
      endsAt: '2090-02-01T16:00:00.000Z',
    } as const;
    const first = await fixture.commands.addMarketEvent(ACTOR, event);
    const id = first.ok ? first.id : '';
    expect(await fixture.commands.addMarketEvent(ACTOR, event)).toMatchObject({ ok: false, code: 'CONFLICT' });
    await fixture.commands.removeMarketEvent(ACTOR, id, 'wrong');
    await fixture.commands.addMarketEvent(ACTOR, event);
    expect(await fixture.commands.restoreMarketEvent(ACTOR, id)).toMatchObject({ ok: false, code: 'CONFLICT' });
  });

  it('imports a file, and the same file again adds nothing', async () => {
    const before = (await audited()).length;
    const fomc = await file(
      'fomc.csv',
      'FOMC,,Decision,2091-01-28 13:45,2091-01-28 15:30',
      'FOMC,,Decision,2091-03-18 13:45,2091-03-18 15:30',
    );
    expect((await run('import', fomc, '--dry-run')).out).toBe('2 event(s) would be added, 0 in effect already.');
    expect(await run('import', fomc)).toMatchObject({ code: 0, out: '2 event(s) added, 0 in effect already.' });
    expect(await run('import', fomc)).toMatchObject({ code: 0, out: '0 event(s) added, 2 in effect already.' });
    expect((await audited()).slice(before)).toEqual(['market-event.import']);
  });

  it('keeps a file with a fault out whole, and names the lines', async () => {
    const before = (await listed('--state', 'all')).length;
    const faulty = await file(
      'faulty.csv',
      'FOMC,,Fine,2092-01-28 13:45,2092-01-28 15:30',
      'FOMC,,Backwards,2092-01-28 15:45,2092-01-28 15:30',
      'PARTY,,Unknown,2092-01-28 13:45,2092-01-28 15:30',
    );
    const { code, err } = await run('import', faulty);
    expect(code).toBe(1);
    expect(err).toMatch(/line 3: ends_at: must be after the start[\s\S]*line 4: kind/);
    expect((await listed('--state', 'all')).length).toBe(before);
  });

  it.each([
    [
      ['add', '--kind', 'EARNINGS', '--title', 'x', '--from', 'soon', '--to', '2090-01-01 10:00'],
      /--from "soon" is no time/,
    ],
    [['add', '--kind', 'PARTY', '--title', 'x', '--from', '2090-01-01 09:00', '--to', '2090-01-01 10:00'], /PARTY/],
    [
      ['add', '--kind', 'OTHER', '--title', 'x', '--from', '2090-01-01 11:00', '--to', '2090-01-01 10:00'],
      /--to must be/,
    ],
    [['remove', 'no-id', '--reason', 'x'], /is not the id of an event/],
    [['import', '/nowhere.csv'], /cannot be read/],
  ])('exits with 2 (or 1 by the parser) for wrong usage: %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect([1, 2]).toContain(code);
    expect(err).toMatch(message);
  });
});
