import type { Locator } from '@playwright/test';
import { ConsolePage } from './console-page';

export class EventsPage extends ConsolePage {
  protected readonly path = '/market/events';

  row(title: string): Locator {
    return this.byTestId('event-row').filter({ hasText: title });
  }

  /** Adds an event; times are New York's, as `YYYY-MM-DDTHH:MM`. */
  async add(title: string, symbol: string, from: string, to: string): Promise<Locator> {
    await this.byTestId('add-event').click();
    await this.byTestId('event-title').fill(title);
    await this.byTestId('event-symbol').fill(symbol);
    await this.byTestId('event-from').fill(from);
    await this.byTestId('event-to').fill(to);
    await this.byTestId('event-confirm').click();
    const row = this.row(title);
    await row.waitFor();
    return row;
  }

  async remove(title: string, reason: string): Promise<void> {
    await this.row(title).getByRole('button', { name: 'Remove…' }).click();
    await this.byTestId('remove-event-reason').fill(reason);
    await this.byTestId('remove-event-confirm').click();
    await this.row(title).waitFor({ state: 'detached' });
  }

  async undo(): Promise<void> {
    await this.byTestId('event-undo').getByRole('button', { name: 'Undo' }).click();
    await this.byTestId('event-undo').waitFor({ state: 'detached' });
  }

  /** What the dialog says of a file; nothing is stored. */
  async preview(csv: string): Promise<string> {
    await this.byTestId('import-events').click();
    await this.byTestId('import-file').setInputFiles({
      name: 'events.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    const faults = this.byTestId('import-faults');
    await faults.or(this.byTestId('import-preview')).waitFor();
    return (await faults.count()) > 0 ? faults.innerText() : this.textOf('import-preview');
  }
}
