import type { Locator } from '@playwright/test';
import { ConsolePage } from './console-page';

export class ReconciliationPage extends ConsolePage {
  protected readonly path = '/reconciliation';

  /** The break on a symbol, without a reload. */
  async breakOn(symbol: string, timeoutMs = 20_000): Promise<Locator> {
    const row = this.byTestId('break-row').filter({ hasText: symbol });
    await row.waitFor({ timeout: timeoutMs });
    return row;
  }

  /** Opens the dialog of a break and gives the reason in it; does not confirm. */
  async explain(row: Locator, reason: string): Promise<void> {
    await row.getByRole('button', { name: 'Resolve…' }).click();
    await this.byTestId('resolve-dialog-reason').fill(reason);
  }

  async confirmResolve(): Promise<void> {
    await this.byTestId('resolve-dialog-confirm').click();
  }

  /** What waits for a signature. */
  opening(account: string): Locator {
    return this.byTestId('opening').filter({ hasText: account });
  }

  async sign(account: string, password: string): Promise<void> {
    if (!(await this.byTestId('sign-dialog').isVisible())) {
      await this.opening(account).getByTestId('sign-opening').click();
    }
    await this.byTestId('sign-password').fill(password);
    await this.byTestId('sign-confirm').click();
  }

  /** What the dialog says when the server refused. */
  async signProblem(): Promise<string> {
    const problem = this.byTestId('sign-problem').filter({ hasText: /\S/ });
    return this.textOf(problem);
  }

  /** Asks for a tie-out and waits until its row has a result. */
  async tieOut(timeoutMs = 30_000): Promise<Locator> {
    await this.byTestId('tie-out-now').click();
    const row = this.page.locator('[data-testid="tie-out-row"]:not([data-status="WAITING"])').first();
    await row.waitFor({ timeout: timeoutMs });
    return row;
  }
}
