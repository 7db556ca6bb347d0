import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Pool } from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatEventTime } from '@/server/domain/market/events/event-time';
import { seedOpening } from '../fixtures/seed-execution';
import { seedMarket, seedQuote, seedSignal } from '../fixtures/seed-market';
import { launchBrowser, openTab, type Tab } from '../harness/browser';
import { type Stack, startStack } from '../harness/stack';
import { expectAccessible, expectFitsPhone } from '../pages/accessibility';
import { EventsPage } from '../pages/events-page';
import { MarketPage } from '../pages/market-page';
import { ReconciliationPage } from '../pages/reconciliation-page';
import { SignInPage } from '../pages/sign-in-page';
import { StrategiesPage } from '../pages/strategies-page';
import { SystemPage } from '../pages/system-page';
import { TopBar } from '../pages/top-bar';

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

const secretsSchema = z.object({ brokerKeyId: z.string(), brokerSecretKey: z.string() });

/** Places an order with the broker's own keys, as somebody would who goes around Countersign. */
async function placeOutside(symbol: string): Promise<void> {
  const secrets = secretsSchema.parse(JSON.parse(await readFile(path.join(stack.dataDir, 'secrets.json'), 'utf8')));
  const answer = await fetch(`${stack.simulatorUrl}/v2/orders`, {
    method: 'POST',
    headers: {
      'APCA-API-KEY-ID': secrets.brokerKeyId,
      'APCA-API-SECRET-KEY': secrets.brokerSecretKey,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ symbol, qty: '1', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'day' }),
  });
  expect(answer.status).toBe(200);
}

describe('an operator', () => {
  test('sees an order from outside as a break, and resolves it with a reason', async () => {
    const page = await new ReconciliationPage(tab.page).open();
    await placeOutside('AAPL');
    const row = await page.breakOn('AAPL');
    await new TopBar(tab.page).banner('break').waitFor();
    await page.explain(row, 'placed by hand at the broker');
    await expectAccessible(tab.page);
    await page.confirmResolve();
    await row.waitFor({ state: 'detached' });
    await tab.page.goto('/reconciliation?breaks=resolved&symbol=AAPL');
    await (await page.breakOn('AAPL')).getByRole('link', { name: 'External order' }).click();
    const history = tab.page.getByTestId('break-history').filter({ hasText: 'placed by hand at the broker' });
    await history.waitFor();
    await expectAccessible(tab.page);
    await tab.page.getByRole('link', { name: /AAPL/ }).click();
    await tab.page.getByTestId('order-notes').filter({ hasText: 'outside Countersign' }).waitFor();
  });

  test('signs for opening balances with the password, and only with the right one', async () => {
    await seedOpening(pool);
    const page = await new ReconciliationPage(tab.page).open();
    await new TopBar(tab.page).banner('opening').waitFor();
    expect(await page.opening('PA3XK7Q2').innerText()).toContain('25,000.123456');
    await page.sign('PA3XK7Q2', 'not the password');
    expect(await page.signProblem()).toMatch(/password is wrong/);
    await expectAccessible(tab.page);
    await page.sign('PA3XK7Q2', stack.admin.password);
    await page
      .opening('PA3XK7Q2')
      .filter({ hasText: `Signed by ${stack.admin.email}` })
      .waitFor();
    await new TopBar(tab.page).banner('opening').waitFor({ state: 'detached' });
  });

  test('asks for a tie-out and reads its report', async () => {
    const page = await new ReconciliationPage(tab.page).open();
    const row = await page.tieOut();
    await row.getByRole('link').click();
    await tab.page.getByTestId('report').filter({ hasText: 'cash' }).waitFor();
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sees at once that the broker does not answer, and what to do, until it answers again', async () => {
    const simulator = await stack.pidOf('simulator');
    const bar = await new TopBar(tab.page).open();
    process.kill(simulator, 'SIGSTOP');
    try {
      await bar.banner('broker').filter({ hasText: 'NO ANSWER' }).waitFor({ timeout: 40_000 });
      expect((await tab.page.getByTestId('broker-remedy').innerText()).length).toBeGreaterThan(20);
      expect(await tab.page.getByTestId('broker-state').innerText()).toContain('no answer');
      await expectAccessible(tab.page);
      await expectFitsPhone(tab.page);
      await tab.page.setViewportSize({ width: 1280, height: 800 });
    } finally {
      process.kill(simulator, 'SIGCONT');
    }
    await bar.banner('broker').waitFor({ state: 'detached', timeout: 60_000 });
  });

  test('rehearses the kill switch, and finds what was measured stored', async () => {
    const page = await new SystemPage(tab.page).open();
    await page.startDrill(5);
    expect(await page.openFinishedDrill()).toBe('PASSED');
    expect(await page.measured()).toMatch(/Verified after\s+\d/);
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    const bar = await new TopBar(tab.page).open();
    await bar.banner('halted').waitFor();
    await bar.release('drill over', stack.admin.password);
    await bar.banner('halted').waitFor({ state: 'detached', timeout: 20_000 });
  });

  test('sees a symbol with its gaps, features and refused quotes, in figures as well', async () => {
    const seeded = await seedMarket(pool, 'ORCL');
    await seedQuote(pool, 'ORCL');
    const page = await new MarketPage(tab.page).open();
    await page.choose('ORCL');
    await tab.page.getByTestId('range-week').click();
    await expect.poll(() => tab.page.getByTestId('chart-legend').innerText()).toContain('5-minute bars');
    await tab.page.getByTestId('range-day').click();
    expect(await page.features()).toContain(seeded.features.close.toFixed(2));
    expect(await page.refused()).toMatch(/bid above ask\s+3/);
    await expectAccessible(tab.page);
    const { gaps, bars } = await page.tableRows();
    expect(bars).toBeGreaterThan(0);
    // In the night the gap may lie in the day before.
    if (bars > 120) expect([gaps, await page.missing()]).toEqual([seeded.missing, seeded.missing]);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    await seedSignal(pool, seeded.features);
    await tab.page.goto('/signals?strategy=ema-cross&symbol=ORCL');
    await tab.page.getByTestId('signal-link').click();
    await tab.page.getByTestId('feature-facts').filter({ hasText: 'RSI 14' }).waitFor();
    await expectAccessible(tab.page);
  });

  test('adds an event, which the gate sees; removes it, takes that back, and previews a file', async () => {
    const page = await new EventsPage(tab.page).open();
    const at = (hours: number) => formatEventTime(Date.now() + hours * 3_600_000).replace(' ', 'T');
    const row = await page.add('Surprise decision', '', at(-1), at(30));
    expect(await row.getAttribute('data-standing')).toBe('ACTIVE');
    const refused = tab.page.getByRole('row').filter({ hasText: 'EVENT_BLACKOUT' }).first();
    await tab.page.goto('/signals?decision=REJECT');
    await refused.waitFor({ timeout: 60_000 });
    await page.open();
    await page.remove('Surprise decision', 'it was a rumour');
    await expectAccessible(tab.page);
    await page.undo();
    await page.row('Surprise decision').waitFor();
    await page.remove('Surprise decision', 'it was a rumour');
    const faults = await page.preview(
      'kind,symbol,title,starts_at,ends_at\nFOMC,,x,2030-01-30 15:00,2030-01-30 14:00\n',
    );
    expect(faults).toMatch(/line 2: ends_at: must be after the start/);
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
  });

  test('switches a strategy off and on, and sets its parameters', async () => {
    const page = await new StrategiesPage(tab.page).open();
    expect(await page.switch('fake', '*', false)).toMatch(/Runs\s+on\s+off/);
    await page.switch('fake', '*', true);
    await page.setParameter('ema-cross', '*', 'fast', '9');
    await expectAccessible(tab.page);
    await expectFitsPhone(tab.page);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
  });

  test('sees no uncaught error on the way', () => {
    // The wrong password is answered with 403, which the browser reports too.
    expect(tab.errors.filter((error) => !error.includes('403'))).toEqual([]);
  });
});
