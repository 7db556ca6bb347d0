import { ConsolePage } from './console-page';

/** What is on every page: trading state, kill and release. */
export class TopBar extends ConsolePage {
  protected readonly path = '/';

  async halt(): Promise<void> {
    await this.byTestId('kill').click();
    await this.byTestId('kill-halt').click();
  }

  /** Waits for requested → acknowledged → verified with a time each. */
  async untilVerified(timeoutMs = 30_000): Promise<string> {
    const progress = this.byTestId('kill-dialog').getByTestId('halt-progress');
    await progress.filter({ hasText: /Acknowledged\s*\d[\s\S]*Verified\s*\d/ }).waitFor({ timeout: timeoutMs });
    return progress.innerText();
  }

  async closeKill(): Promise<void> {
    await this.byTestId('kill-close').click();
  }

  banner(id: string) {
    return this.byTestId(`banner-${id}`);
  }

  async release(reason: string, password: string): Promise<void> {
    await this.byTestId('open-release').first().click();
    await this.byTestId('release-reason').fill(reason);
    await this.byTestId('release-password').fill(password);
    await this.byTestId('release-confirm').click();
  }

  state(): Promise<string> {
    return this.textOf('trading-state');
  }
}
