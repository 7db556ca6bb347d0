import type { Locator, Page } from '@playwright/test';

/** What every page of the console has. Page objects extend it and speak of what a person sees and does. */
export abstract class ConsolePage {
  protected abstract readonly path: string;

  constructor(protected readonly page: Page) {}

  /** Goes there by its address. */
  async open(): Promise<this> {
    await this.page.goto(this.path);
    return this;
  }

  protected byTestId(id: string): Locator {
    return this.page.getByTestId(id);
  }
}
