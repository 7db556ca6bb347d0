import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { formatEventTime } from '@/server/domain/market/events/event-time';
import { seedOpening } from '../fixtures/seed-execution';
import { seedHealth, seedMarket, seedQuote, seedSignal } from '../fixtures/seed-market';
import type { Stack } from '../harness/stack';
import { expect, test } from '../harness/test';
import { expectAccessible, expectFitsPhone } from '../pages/accessibility';
import { EventsPage } from '../pages/events-page';
import { MarketPage } from '../pages/market-page';
import { ReconciliationPage } from '../pages/reconciliation-page';
import { StrategiesPage } from '../pages/strategies-page';
import { SystemPage } from '../pages/system-page';
import { TopBar } from '../pages/top-bar';

test.use({ spec: 'execution' });

const secretsSchema = z.object({ brokerKeyId: z.string(), brokerSecretKey: z.string() });

/** Places an order with the broker's own keys, as somebody would who goes around Countersign. */
async function placeOutside(stack: Stack, symbol: string): Promise<void> {
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

test.describe('an operator', () => {
  test('sees an order from outside as a break, and resolves it with a reason', async ({ page, stack }) => {
    // An exit of a strategy would cancel the order as an opposite one.
    await (await new StrategiesPage(page).open()).switch('fake', '*', false);
    const reconciliation = await new ReconciliationPage(page).open();
    await placeOutside(stack, 'AAPL');
    const row = await reconciliation.breakOn('AAPL');
    await new TopBar(page).banner('break').waitFor();
    await reconciliation.explain(row, 'placed by hand at the broker');
    await expectAccessible(page);
    await reconciliation.confirmResolve();
    await row.waitFor({ state: 'detached' });
    await page.goto('/reconciliation?breaks=resolved&symbol=AAPL');
    await (await reconciliation.breakOn('AAPL')).getByRole('link', { name: 'External order' }).click();
    const history = page.getByTestId('break-history').filter({ hasText: 'placed by hand at the broker' });
    await history.waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: /AAPL/ }).click();
    await page.getByTestId('order-notes').filter({ hasText: 'outside Countersign' }).waitFor();
    await (await new StrategiesPage(page).open()).switch('fake', '*', true);
  });

  test.describe('opening balances', () => {
    // It is answered with 403, which the browser reports too.
    test.use({ expectedErrors: /403/ });

    test('are signed for with the password, and only with the right one', async ({ page, pool, stack }) => {
      await seedOpening(pool);
      const reconciliation = await new ReconciliationPage(page).open();
      await new TopBar(page).banner('opening').waitFor();
      expect(await reconciliation.opening('PA3XK7Q2').innerText()).toContain('25,000.123456');
      await reconciliation.sign('PA3XK7Q2', 'not the password');
      expect(await reconciliation.signProblem()).toMatch(/password is wrong/);
      await expectAccessible(page);
      await reconciliation.sign('PA3XK7Q2', stack.admin.password);
      await reconciliation
        .opening('PA3XK7Q2')
        .filter({ hasText: `Signed by ${stack.admin.email}` })
        .waitFor();
      await new TopBar(page).banner('opening').waitFor({ state: 'detached' });
    });
  });

  test('asks for a tie-out and reads its report', async ({ page }) => {
    const reconciliation = await new ReconciliationPage(page).open();
    const row = await reconciliation.tieOut();
    await row.getByRole('link').click();
    await page.getByTestId('report').filter({ hasText: 'cash' }).waitFor();
    await expectAccessible(page);
    await expectFitsPhone(page);
  });

  test('sees at once that the broker does not answer, and what to do, until it answers', async ({ page, stack }) => {
    const simulator = await stack.pidOf('simulator');
    const bar = await new TopBar(page).open();
    process.kill(simulator, 'SIGSTOP');
    try {
      await bar.banner('broker').filter({ hasText: 'NO ANSWER' }).waitFor({ timeout: 40_000 });
      expect((await page.getByTestId('broker-remedy').innerText()).length).toBeGreaterThan(20);
      expect(await page.getByTestId('broker-state').innerText()).toContain('no answer');
      await expectAccessible(page);
      await expectFitsPhone(page);
      await page.setViewportSize({ width: 1280, height: 800 });
    } finally {
      process.kill(simulator, 'SIGCONT');
    }
    await bar.banner('broker').waitFor({ state: 'detached', timeout: 60_000 });
  });

  test('rehearses the kill switch, and finds what was measured stored', async ({ page, stack }) => {
    const system = await new SystemPage(page).open();
    await system.startDrill(5);
    expect(await system.openFinishedDrill()).toBe('PASSED');
    expect(await system.measured()).toMatch(/Verified after\s+\d/);
    await expectAccessible(page);
    await expectFitsPhone(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    const bar = await new TopBar(page).open();
    await bar.banner('halted').waitFor();
    await bar.release('drill over', stack.admin.password);
    await bar.banner('halted').waitFor({ state: 'detached', timeout: 20_000 });
  });

  test('sees a symbol with its gaps, features and refused quotes, in figures as well', async ({ page, pool }) => {
    const seeded = await seedMarket(pool, 'ORCL');
    await seedQuote(pool, 'ORCL');
    const market = await new MarketPage(page).open();
    await market.choose('ORCL');
    await page.getByTestId('range-week').click();
    await expect.poll(() => page.getByTestId('chart-legend').innerText()).toContain('5-minute bars');
    await page.getByTestId('range-day').click();
    expect(await market.features()).toContain(seeded.features.close.toFixed(2));
    // The worker deletes the counts of a symbol that it does not follow: they are written again until the page has shown them.
    const seeding = setInterval(() => void seedHealth(pool, 'ORCL').catch(() => undefined), 200);
    try {
      await expect(async () => {
        await market.open();
        await market.choose('ORCL');
        expect(await market.refused()).toMatch(/bid above ask\s+3/);
      }).toPass({ timeout: 60_000 });
    } finally {
      clearInterval(seeding);
    }
    await expectAccessible(page);
    const { gaps, bars } = await market.tableRows();
    expect(bars).toBeGreaterThan(0);
    // In the night the gap may lie in the day before.
    if (bars > 120) expect([gaps, await market.missing()]).toEqual([seeded.missing, seeded.missing]);
    await expectFitsPhone(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await seedSignal(pool, seeded.features);
    await page.goto('/signals?strategy=ema-cross&symbol=ORCL');
    await page.getByTestId('signal-link').click();
    await page.getByTestId('feature-facts').filter({ hasText: 'RSI 14' }).waitFor();
    await expectAccessible(page);
  });

  test('adds an event, which the gate sees; removes it, takes that back, and previews a file', async ({ page }) => {
    const events = await new EventsPage(page).open();
    const at = (hours: number) => formatEventTime(Date.now() + hours * 3_600_000).replace(' ', 'T');
    const row = await events.add('Surprise decision', '', at(-1), at(30));
    expect(await row.getAttribute('data-standing')).toBe('ACTIVE');
    const refused = page.getByRole('row').filter({ hasText: 'EVENT_BLACKOUT' }).first();
    await page.goto('/signals?decision=REJECT');
    await refused.waitFor({ timeout: 60_000 });
    await events.open();
    await events.remove('Surprise decision', 'it was a rumour');
    await expectAccessible(page);
    await events.undo();
    await events.row('Surprise decision').waitFor();
    await events.remove('Surprise decision', 'it was a rumour');
    const faults = await events.preview(
      'kind,symbol,title,starts_at,ends_at\nFOMC,,x,2030-01-30 15:00,2030-01-30 14:00\n',
    );
    expect(faults).toMatch(/line 2: ends_at: must be after the start/);
    await expectAccessible(page);
    await expectFitsPhone(page);
  });

  test('switches a strategy off and on, and sets its parameters', async ({ page }) => {
    const strategies = await new StrategiesPage(page).open();
    expect(await strategies.switch('fake', '*', false)).toMatch(/Runs\s+on\s+off/);
    await strategies.switch('fake', '*', true);
    await strategies.setParameter('ema-cross', '*', 'fast', '9');
    await expectAccessible(page);
    await expectFitsPhone(page);
  });
});
