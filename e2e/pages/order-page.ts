import { ConsolePage } from './console-page';

export class OrderPage extends ConsolePage {
  protected readonly path = '/orders';

  /** Waits, without a reload, until the order shows this status. */
  async untilStatus(status: string, timeoutMs = 20_000): Promise<void> {
    await this.page.locator(`[data-testid="order-status"][data-status="${status}"]`).waitFor({ timeout: timeoutMs });
  }

  /** The headlines of its story, oldest first. */
  async story(): Promise<string[]> {
    return this.byTestId('timeline-item').allInnerTexts();
  }
}
