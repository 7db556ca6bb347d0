import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Pool } from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_THESIS, seedFailedMemo, seedHostileMemo } from '../fixtures/seed-reasoning';
import { launchBrowser, openTab, type Tab } from '../harness/browser';
import { type Stack, startStack } from '../harness/stack';
import { expectAccessible, expectFitsPhone } from '../pages/accessibility';
import { ApprovalsPage } from '../pages/approvals-page';
import { OrderPage } from '../pages/order-page';
import { ReasoningPage } from '../pages/reasoning-page';
import { SignInPage } from '../pages/sign-in-page';
import { TopBar } from '../pages/top-bar';

const PAGES = [
  '/',
  '/approvals',
  '/orders',
  '/portfolio',
  '/market',
  '/market/events',
  '/signals',
  '/strategies',
  '/reasoning',
  '/policy',
  '/reconciliation',
  '/alerts',
  '/system',
  '/audit',
];

let stack: Stack;
let browser: Browser;
let tab: Tab;
let pool: Pool;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  pool = new Pool({ connectionString: stack.databaseUrl, max: 2 });
  tab = await openTab(browser, stack.url);
  await (await new SignInPage(tab.page).open()).signIn(stack.admin);
});
afterAll(async () => {
  await browser?.close();
  await pool?.end();
  await stack?.stop();
});

/** Orders that the paper broker itself was asked for: its own log, not our database. */
async function ordersSentToBroker(): Promise<number> {
  const log = await readFile(path.join(stack.dataDir, 'simulator', 'requests.jsonl'), 'utf8');
  return log.split('\n').filter((line) => /"POST"/.test(line) && /\/v2\/orders"/.test(line)).length;
}

describe('an operator', () => {
  test('finds an approval within a minute, countersigns it, and sees it filled with its whole story', async () => {
    const approvals = await new ApprovalsPage(tab.page).open();
    await approvals.firstWaiting();
    expect(await approvals.rulesHit()).toContain('CONFIDENCE_LOW');
    expect(await approvals.memo()).toMatch(/rules, no model[\s\S]*Without the memo:[\s\S]*Review/);
    await approvals.approve();
    expect(await approvals.outcome()).toMatch(/approved/i);
    await approvals.followOrder();
    const order = new OrderPage(tab.page);
    await order.untilStatus('FILLED');
    const story = (await order.story()).join('\n');
    for (const step of [
      'Signal',
      'Review',
      'Approval requested',
      'approved',
      'created',
      'Sent to the broker',
      'Filled',
    ]) {
      expect(story).toContain(step);
    }
  });

  test('rejects with a reason, and nothing is sent for it', async () => {
    const approvals = await new ApprovalsPage(tab.page).open();
    const id = await approvals.firstWaiting(90_000);
    await approvals.reject('not convinced');
    expect(await approvals.outcome()).toMatch(/rejected/i);
    await tab.page.goto(`/approvals/${id}`);
    await tab.page.getByTestId('approval-decided').filter({ hasText: 'not convinced' }).waitFor();
    expect(await tab.page.getByTestId('approval-order').count()).toBe(0);
  });

  test('kills: acknowledged and verified with times, nothing more is sent, and releases with reason and password', async () => {
    const bar = await new TopBar(tab.page).open();
    await bar.halt();
    expect(await bar.untilVerified()).toMatch(/Requested/);
    const sent = await ordersSentToBroker();
    expect(sent).toBeGreaterThan(0);
    await bar.closeKill();
    await bar.banner('halted').waitFor();
    // Strategies pause while halted; a client that asks all the same is refused by the gate.
    const token = JSON.parse(
      await stack.cli(
        'token',
        'create',
        '--user',
        stack.admin.email,
        '--name',
        'e2e',
        '--scopes',
        'orders:write,signals:write',
        '--json',
      ),
    ) as { token: string };
    const headers = { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' };
    const generated = await fetch(`${stack.url}/v1/signals/generate`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ symbol: 'AAPL' }),
    });
    const signal = (await generated.json()) as { signal_id: string; candidate_action: string };
    const refused = await fetch(`${stack.url}/v1/orders`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': 'after-the-halt' },
      body: JSON.stringify({
        signal_id: signal.signal_id,
        symbol: 'AAPL',
        side: signal.candidate_action,
        qty: 1,
        order_type: 'MARKET',
      }),
    });
    expect(refused.status).toBe(422);
    expect(JSON.stringify(await refused.json())).toContain('TRADING_HALTED');
    expect(await ordersSentToBroker()).toBe(sent);

    await bar.release('drill over', stack.admin.password);
    await bar.banner('halted').waitFor({ state: 'detached', timeout: 20_000 });
    expect(await bar.state()).toMatch(/active/i);
  });

  test('reads what a model wrote as text, word for word, and why there was no memo', async () => {
    await tab.page.goto(`/signals/${await seedHostileMemo(pool)}`);
    const memo = tab.page.getByTestId('memo');
    await memo.filter({ hasText: HOSTILE_THESIS }).waitFor();
    expect(await memo.locator('b, img').count()).toBe(0);
    expect(await memo.innerText()).toMatch(/Avoid[\s\S]*Slow[\s\S]*test-model[\s\S]*wire[\s\S]*0\.0123/);
    await memo.getByText('Full prompt and answers').click();
    await memo.getByText('Sure! Here it is:').waitFor();
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    await tab.page.goto(`/signals/${await seedFailedMemo(pool)}`);
    await tab.page.getByTestId('memo-fault').filter({ hasText: 'refuses the key' }).waitFor();
  });

  test('sees what reasoning costs and fails at, and an administrator sets its budget', async () => {
    const page = await new ReasoningPage(tab.page).open();
    expect(await page.provider()).toMatch(/rules, no model/);
    expect(await page.setLimit('dollars_per_day', '3.25')).toMatch(/\$ per day[\s\S]*3\.25/);
    await page.untilBudgetSays('of $3.25');
    expect(await page.faults()).toMatch(/refuses the key[\s\S]*REASONER_KEY/);
    expect(await page.asTable()).toMatch(/2,719/);
    await tab.page.goto('/audit');
    await tab.page.getByText('reasoning').first().waitFor();
  });

  test('sees no uncaught error on the way', () => {
    expect(tab.errors).toEqual([]);
  });
});

test('a viewer sees everything and may change nothing', async () => {
  const email = 'viewer@example.test';
  const added = JSON.parse(await stack.cli('user', 'add', email, '--role', 'VIEWER', '--json')) as { password: string };
  const viewer = await openTab(browser, stack.url);
  await (await new SignInPage(viewer.page).open()).signIn({ email, password: added.password });
  await viewer.page.getByTestId('kill').click();
  await viewer.page.getByTestId('no-permission').waitFor();
  expect(await viewer.page.getByTestId('kill-halt').isDisabled()).toBe(true);
  // The server refuses too, whatever the page shows.
  const answer = await viewer.page.request.post('/api/trpc/trading.halt', {
    headers: { 'content-type': 'application/json', origin: stack.url },
    data: { json: { reason: 'not mine to say' } },
  });
  expect(answer.status()).toBe(403);
  expect((await stack.cli('status', '--json')).includes('"HALTED"')).toBe(false);
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each(PAGES)('%s has no accessibility violation and fits 390 px', async (address) => {
    await tab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    await tab.page.goto(address);
    await tab.page.getByTestId('trading-state').waitFor();
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
  });
});
