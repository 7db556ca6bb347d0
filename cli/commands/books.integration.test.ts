import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli as run } from '@/cli/testing/run-cli';
import { createReconciliationStore } from '@/server/adapters/postgres/books/reconciliation-store';
import { createTieOutStore } from '@/server/adapters/postgres/books/tie-out-store';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import type { Fence } from '@/server/application/ports/lease';
import { compareSides } from '@/server/application/reconciliation/tie-out-report';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
let databaseUrl: string | undefined;
let fence: Fence;

beforeAll(async () => {
  fixture = await createTradingFixture();
  databaseUrl = process.env['DATABASE_URL'];
  const taken = await createLeaseStore(fixture.pool).acquire('reconciliation', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});
beforeEach(async () => {
  process.env['DATABASE_URL'] = fixture.database.url;
  await fixture.refresh();
});
afterAll(async () => {
  if (databaseUrl === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = databaseUrl;
  await fixture.close();
});

const books = () => createReconciliationStore(fixture.pool);

describe('breaks', () => {
  it('are listed with their age and both sides, shown with their history, and resolved by taking over the broker', async () => {
    const news = (theirs: string) =>
      ({
        symbol: 'MSFT',
        orderId: null,
        cause: 'POSITION_MISMATCH',
        ours: { qty: '0' },
        theirs: { qty: theirs, cost: '30' },
      }) as const;
    await books().openBreak(fence, news('2'));
    await books().openBreak(fence, news('3'));
    const list = await run('break', 'list');
    expect(list.out).toMatch(/MSFT\s+POSITION_MISMATCH\s+\S+ \S+\s+\d+ s\s+qty 0\s+.*qty 3/);
    const id = /[0-9a-f-]{36}/.exec(list.out)?.[0] ?? '';
    const shown = await run('break', 'show', id);
    expect(shown.out).toMatch(/OPENED\s+qty 0\s+.*qty 2/);
    expect(shown.out).toMatch(/CHANGED\s+qty 0\s+.*qty 3/);
    expect(await run('break', 'resolve', id, '--reason', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('still differ'),
    });
    expect(await run('break', 'resolve', id, '--reason', 'granted', '--accept')).toMatchObject({ code: 0 });
    expect((await run('break', 'show', id)).out).toContain('resolved by cli:');
    expect(await run('break', 'show', randomUUID())).toMatchObject({ code: 1 });
    expect(await run('break', 'show', '1')).toMatchObject({ code: 2 });
  });
});

describe('the account', () => {
  it('is signed for exactly as shown', async () => {
    await books().proposeInitialBalances({
      account: {
        accountId: 'acc-7',
        cash: parseMoney('1000.5'),
        equity: parseMoney('1100'),
        buyingPower: 0n,
        lastEquity: 0n,
        tradingBlocked: false,
        blockedBy: [],
      },
      positions: [{ symbol: 'SPY', qty: parseUnits('2'), marketPrice: null, cost: parseMoney('99') }],
      environment: 'PAPER',
    });
    const shown = await run('account', 'show');
    expect(shown.out).toContain('Opening balances of acc-7 (PAPER)');
    expect(shown.out).toMatch(/SPY\s+2\s+99/);
    const [, id = '', hash = ''] = /sign (\S+) --hash (\S+)/.exec(shown.out) ?? [];
    expect(await run('account', 'sign', id, '--hash', 'f'.repeat(12))).toMatchObject({ code: 1 });
    expect(await run('account', 'sign', id, '--hash', 'nothing')).toMatchObject({ code: 2 });
    expect(await run('account', 'sign', id, '--hash', hash)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Signed'),
    });
    expect((await run('account', 'show')).out).toMatch(/signed by cli:/);
    expect(await run('account', 'sign', id, '--hash', hash)).toMatchObject({ code: 1 });
  });
});

describe('tie-outs', () => {
  const finish = async (cash: string) => {
    const { waiting } = await createTieOutStore(fixture.pool).due();
    const asked = waiting[0];
    if (asked === undefined) return false;
    const side = { fees: 0n, positions: new Map([['SPY', parseUnits('2')]]), openOrders: [], fills: [] };
    const report = compareSides(
      { ...side, cash: 0n, busted: new Set(), breaks: [], fillsSinceTieOut: 0 },
      { ...side, cash: parseMoney(cash) },
      0n,
    );
    const status = report.differences === 0 ? 'CLEAN' : 'DIFFERENT';
    await createTieOutStore(fixture.pool).finish(fence, {
      ...asked,
      kind: 'REQUESTED',
      status,
      report: { ...report, taken: {} },
      fault: null,
    });
    return true;
  };

  it('are asked for and shown when the worker has taken them', async () => {
    const [clean] = await Promise.all([run('tieout', '--wait'), vi.waitUntil(() => finish('0'), { timeout: 10_000 })]);
    expect(clean).toMatchObject({ code: 0, out: expect.stringContaining('CLEAN') });
    expect(clean.out).toMatch(/SPY\s+2\s+2/);
    const [different] = await Promise.all([
      run('tieout', '--wait', '20'),
      vi.waitUntil(() => finish('2.5'), { timeout: 10_000 }),
    ]);
    expect(different).toMatchObject({ code: 1, out: expect.stringContaining('-2.5') });
    expect((await run('tieout', 'list')).out).toMatch(/asked for\s+DIFFERENT[\s\S]*asked for\s+CLEAN/);
  });

  it('wait for a worker in vain', async () => {
    expect(await run('tieout', '--wait', '0.3')).toMatchObject({ code: 1, err: expect.stringContaining('worker') });
    expect(await run('tieout', '--wait', 'long')).toMatchObject({ code: 2 });
    const json = await run('tieout', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ status: 'WAITING' });
  });
});
