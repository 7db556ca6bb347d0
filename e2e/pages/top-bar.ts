import { expect } from '@playwright/test';
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

  /** Tries again while the release waits for a reconciliation round that began after the halt was verified (H-7). */
  async release(reason: string, password: string): Promise<void> {
    await this.byTestId('open-release').first().click();
    const dialog = this.byTestId('release-dialog');
    await dialog.waitFor();
    await expect(async () => {
      // A closed dialog stays in the page.
      if (!(await dialog.isVisible())) return;
      await this.byTestId('release-reason').fill(reason, { timeout: 2_000 });
      await this.byTestId('release-password').fill(password, { timeout: 2_000 });
      await this.byTestId('release-confirm').click({ timeout: 2_000 });
      await dialog.waitFor({ state: 'hidden', timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
  }

  state(): Promise<string> {
    return this.textOf('trading-state');
  }
}
