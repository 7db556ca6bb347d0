import { ConsolePage } from './console-page';

export class MarketPage extends ConsolePage {
  protected readonly path = '/market';

  /** Chooses a symbol and waits for its chart to be drawn. */
  async choose(symbol: string): Promise<void> {
    await this.byTestId(`symbol-${symbol}`).click();
    await this.byTestId('price-chart').locator('canvas').first().waitFor();
  }

  /** How many bars the page says are missing. */
  async missing(): Promise<number> {
    return Number.parseInt(await this.textOf('gap-count'), 10);
  }

  /** Shows the figures; gives how many rows have a bar, and how many have none. */
  async tableRows(): Promise<{ readonly bars: number; readonly gaps: number }> {
    await this.byTestId('price-table-toggle').click();
    const table = this.byTestId('price-table');
    await table.waitFor();
    const gaps = await table.getByTestId('gap-row').count();
    return { bars: (await table.locator('tbody tr').count()) - gaps, gaps };
  }

  features(): Promise<string> {
    return this.textOf('features-panel');
  }

  refused(): Promise<string> {
    return this.textOf('refused-quotes');
  }
}
