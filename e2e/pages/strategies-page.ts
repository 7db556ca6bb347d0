import type { Locator } from '@playwright/test';
import { ConsolePage } from './console-page';

export class StrategiesPage extends ConsolePage {
  protected readonly path = '/strategies';

  setting(strategy: string, symbol: string): Locator {
    return this.byTestId(`setting-${strategy}-${symbol}`);
  }

  /** Switches a strategy over, once what changes was shown, and waits until it stands so. */
  async switch(strategy: string, symbol: string, on: boolean): Promise<string> {
    await this.setting(strategy, symbol)
      .getByRole('button', { name: on ? 'Switch on…' : 'Switch off…' })
      .click();
    const diff = await this.textOf('setting-diff');
    await this.byTestId('setting-confirm').click();
    await this.page.locator(`[data-testid="setting-${strategy}-${symbol}"][data-enabled="${on}"]`).waitFor();
    return diff;
  }

  /** Changes one parameter and saves it. */
  async setParameter(strategy: string, symbol: string, name: string, value: string): Promise<void> {
    await this.setting(strategy, symbol).getByRole('button', { name: 'Edit…' }).click();
    await this.byTestId(`param-${name}`).fill(value);
    await this.byTestId('setting-confirm').click();
    await this.byTestId('setting-diff').waitFor();
    await this.byTestId('setting-confirm').click();
    await this.setting(strategy, symbol)
      .filter({ hasText: `${name} ${value}` })
      .waitFor();
  }
}
