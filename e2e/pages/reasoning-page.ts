import { ConsolePage } from './console-page';

export class ReasoningPage extends ConsolePage {
  protected readonly path = '/reasoning';

  /** Changes one limit, looks at what would change, and saves it. @returns the changes as they were shown */
  async setLimit(name: string, value: string): Promise<string> {
    await this.byTestId('edit-reasoning').click();
    await this.byTestId(`limit-${name}`).fill(value);
    await this.byTestId('reasoning-confirm').click();
    const changes = await this.textOf('reasoning-diff');
    await this.byTestId('reasoning-confirm').click();
    await this.byTestId('reasoning-settings').waitFor({ state: 'hidden' });
    return changes;
  }

  async untilBudgetSays(text: string): Promise<void> {
    await this.byTestId('budget').filter({ hasText: text }).waitFor();
  }

  async asTable(): Promise<string> {
    await this.byTestId('reasoning-table-toggle').click();
    return await this.textOf('reasoning-charts');
  }

  provider(): Promise<string> {
    return this.textOf('provider');
  }

  faults(): Promise<string> {
    return this.textOf('reasoning-faults');
  }
}
