import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Expects no violation of WCAG 2.2 AA on the page as it is shown now, dialogs included. */
export async function expectAccessible(page: Page): Promise<void> {
  const report = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(report.passes.length).toBeGreaterThan(10);
  expect(report.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}

/** Expects that nothing reaches beyond a screen 390 px wide, and that trading can be stopped there. */
export async function expectFitsPhone(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  // Charts follow the new width a frame or two later.
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
    .toBe(0);
  expect(await page.getByTestId('kill').isVisible()).toBe(true);
}
