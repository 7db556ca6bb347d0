import { ConsolePage } from './console-page';

export class ApprovalsPage extends ConsolePage {
  protected readonly path = '/approvals';

  /** Waits until something is in the queue and shown in the detail. @returns its id */
  async firstWaiting(timeoutMs = 60_000): Promise<string> {
    const detail = this.byTestId('approval-detail');
    await detail.waitFor({ timeout: timeoutMs });
    await this.byTestId('approve').waitFor();
    return (await detail.getAttribute('data-approval-id')) ?? '';
  }

  headline(): Promise<string> {
    return this.textOf('approval-headline');
  }

  /** The memo shown to the approver. */
  memo(): Promise<string> {
    return this.textOf('memo');
  }

  /** Opens the dialog and confirms. Two clicks in a row on the confirmation must have one effect. */
  async approve(): Promise<void> {
    await this.byTestId('approve').click();
    await this.byTestId('approve-confirm').dblclick();
  }

  async reject(reason: string): Promise<void> {
    await this.byTestId('reject').click();
    await this.byTestId('reject-reason').fill(reason);
    await this.byTestId('reject-confirm').click();
  }

  /** What the server made of it, as shown. */
  async outcome(): Promise<string> {
    const outcome = this.byTestId('decide-outcome');
    await outcome.filter({ hasText: /\S/ }).waitFor();
    return outcome.innerText();
  }

  async followOrder(): Promise<void> {
    await this.byTestId('approval-order').click();
    await this.page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  }

  async rulesHit(): Promise<string> {
    return this.textOf(this.byTestId('rule-hits').first());
  }
}
