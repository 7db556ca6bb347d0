import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HOSTILE_THESIS, seedFailedMemo, seedHostileMemo } from '../fixtures/seed-reasoning';
import type { Stack } from '../harness/stack';
import { expect, SIGNED_OUT, test } from '../harness/test';
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
  '/bots',
  '/reasoning',
  '/policy',
  '/reconciliation',
  '/alerts',
  '/system',
  '/audit',
];

test.use({ spec: 'countersign' });

/** Orders that the paper broker itself was asked for: its own log, not our database. */
async function ordersSentToBroker(stack: Stack): Promise<number> {
  const log = await readFile(path.join(stack.dataDir, 'simulator', 'requests.jsonl'), 'utf8');
  return log.split('\n').filter((line) => /"POST"/.test(line) && /\/v2\/orders"/.test(line)).length;
}

/** Headers of a REST client that may propose and order in the administrator's name. */
async function restHeaders({ admin, cli }: Stack, name: string): Promise<Record<string, string>> {
  const scopes = ['--scopes', 'orders:write,signals:write'];
  const created = await cli('token', 'create', '--user', admin.email, '--name', name, ...scopes, '--json');
  const { token } = JSON.parse(created) as { token: string };
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
}

test.describe('an operator', () => {
  test('finds an approval within a minute, approves it, and sees it filled with its whole story', {
    tag: '@main',
  }, async ({ page }) => {
    const approvals = await new ApprovalsPage(page).open();
    await approvals.firstWaiting();
    expect(await approvals.rulesHit()).toContain('CONFIDENCE_LOW');
    expect(await approvals.memo()).toMatch(/rules, no model[\s\S]*Without the memo:[\s\S]*Review/);
    await approvals.approve();
    expect(await approvals.outcome()).toMatch(/approved/i);
    await approvals.followOrder();
    const order = new OrderPage(page);
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

  test('rejects with a reason, and nothing is sent for it', async ({ page, stack }) => {
    const unsure = { symbol: 'MSFT', candidate_action: 'BUY', confidence: 0.5, size_pct: 0.01, model_version: 'e2e' };
    const proposed = await fetch(`${stack.url}/v1/signals`, {
      method: 'POST',
      headers: await restHeaders(stack, 'bot'),
      body: JSON.stringify({ signal_id: randomUUID(), ...unsure }),
    });
    expect(proposed.status).toBe(202);
    const approvals = await new ApprovalsPage(page).open();
    const id = await approvals.firstWaiting();
    await approvals.reject('not convinced');
    expect(await approvals.outcome()).toMatch(/rejected/i);
    await page.goto(`/approvals/${id}`);
    await page.getByTestId('approval-decided').filter({ hasText: 'not convinced' }).waitFor();
    expect(await page.getByTestId('approval-order').count()).toBe(0);
  });

  test('halts trading: acknowledged and verified with times, nothing more is sent; releases with reason and password', {
    tag: '@main',
  }, async ({ page, stack }) => {
    const bar = await new TopBar(page).open();
    await bar.halt();
    expect(await bar.untilVerified()).toMatch(/Requested/);
    const sent = await ordersSentToBroker(stack);
    expect(sent).toBeGreaterThan(0);
    await bar.closeKill();
    await bar.banner('halted').waitFor();
    // Strategies pause while halted; a client that asks all the same is refused by the gate.
    const headers = await restHeaders(stack, 'e2e');
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
    expect(await ordersSentToBroker(stack)).toBe(sent);

    await bar.release('drill over', stack.admin.password);
    await bar.banner('halted').waitFor({ state: 'detached', timeout: 20_000 });
    expect(await bar.state()).toMatch(/active/i);
  });
});

test.describe('reasoning', () => {
  let hostileSignal: string;
  let failedSignal: string;

  test.beforeAll(async ({ pool }) => {
    hostileSignal = await seedHostileMemo(pool);
    failedSignal = await seedFailedMemo(pool);
  });

  test('shows what a model wrote as text, word for word, and why there was no memo', async ({ page }) => {
    await page.goto(`/signals/${hostileSignal}`);
    const memo = page.getByTestId('memo');
    await memo.filter({ hasText: HOSTILE_THESIS }).waitFor();
    expect(await memo.locator('b, img').count()).toBe(0);
    expect(await memo.innerText()).toMatch(/Avoid[\s\S]*Slow[\s\S]*test-model[\s\S]*wire[\s\S]*0\.0123/);
    await memo.getByText('Full prompt and answers').click();
    await memo.getByText('Sure! Here it is:').waitFor();
    await expectAccessible(page);
    await expectFitsPhone(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`/signals/${failedSignal}`);
    await page.getByTestId('memo-fault').filter({ hasText: 'refuses the key' }).waitFor();
  });

  test('shows its costs and failures, and an administrator sets its budget', async ({ page }) => {
    const reasoning = await new ReasoningPage(page).open();
    expect(await reasoning.provider()).toMatch(/rules, no model/);
    expect(await reasoning.setLimit('dollars_per_day', '3.25')).toMatch(/\$ per day[\s\S]*3\.25/);
    await reasoning.untilBudgetSays('of $3.25');
    expect(await reasoning.faults()).toMatch(/refuses the key[\s\S]*REASONER_KEY/);
    expect(await reasoning.asTable()).toMatch(/2,719/);
    await page.goto('/audit');
    await page.getByText('reasoning').first().waitFor();
  });
});

test.describe('a viewer', () => {
  test.use({ storageState: SIGNED_OUT });

  test('sees everything and may change nothing', async ({ page, stack }) => {
    const email = 'viewer@example.test';
    const added: { password: string } = JSON.parse(await stack.cli('user', 'add', email, '--role', 'VIEWER', '--json'));
    await (await new SignInPage(page).open()).signIn({ email, password: added.password });
    await page.getByTestId('kill').click();
    await page.getByTestId('no-permission').waitFor();
    expect(await page.getByTestId('kill-halt').isDisabled()).toBe(true);
    // The server refuses too, whatever the page shows.
    const answer = await page.request.post('/api/trpc/trading.halt', {
      headers: { 'content-type': 'application/json', origin: stack.url },
      data: { json: { reason: 'not mine to say' } },
    });
    expect(answer.status()).toBe(403);
    expect((await stack.cli('status', '--json')).includes('"HALTED"')).toBe(false);
  });
});

for (const address of PAGES) {
  test(`${address} has no accessibility violation in light and dark, and fits 390 px`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(address);
    await page.getByTestId('trading-state').waitFor();
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
}
