import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from '@playwright/test';
import { locateChromium } from '../../scripts/checks/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** How to start the Chromium of this machine; Playwright downloads none. */
export function chromiumOptions(): LaunchOptions {
  const executablePath = locateChromium();
  return { args: FLAGS, ...(executablePath !== null && { executablePath }) };
}

export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Uncaught errors and console errors of the page so far. */
  readonly errors: readonly string[];
}

export const launchBrowser = (): Promise<Browser> => chromium.launch(chromiumOptions());

/** A tab with cookies of its own, outside the test runner. */
export async function openTab(browser: Browser, baseURL: string): Promise<Tab> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(15_000);
  const errors = collectErrors(context);
  return { context, page: await context.newPage(), errors };
}

/** Uncaught errors and console errors of every page of a context, as they come. */
export function collectErrors(context: BrowserContext): readonly string[] {
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
