import { ConsolePage } from './console-page';

export class SystemPage extends ConsolePage {
  protected readonly path = '/system';

  async startDrill(orders: number): Promise<void> {
    await this.byTestId('start-drill').click();
    await this.byTestId('drill-orders').fill(String(orders));
    await this.byTestId('drill-confirm').click();
    await this.byTestId('drill-row').first().waitFor();
  }

  /** Waits, without a reload, until the newest drill is over, and opens its record. @returns its status */
  async openFinishedDrill(timeoutMs = 60_000): Promise<string> {
    const over = this.page.locator(
      '[data-testid="drill-row"][data-status="PASSED"], [data-testid="drill-row"][data-status="FAILED"]',
    );
    await over.first().waitFor({ timeout: timeoutMs });
    await over.first().getByRole('link').click();
    await this.page.waitForURL(/\/system\/drills\//);
    return (await this.byTestId('drill-status').getAttribute('data-status')) ?? '';
  }

  measured(): Promise<string> {
    return this.textOf('drill-measured');
  }
}
