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

  /** The text as a person sees it. A locator alone reads an element before it is shown, and then without its spaces. */
  protected async textOf(shown: string | Locator): Promise<string> {
    const locator = typeof shown === 'string' ? this.byTestId(shown) : shown;
    await locator.waitFor();
    return locator.innerText();
  }
}
