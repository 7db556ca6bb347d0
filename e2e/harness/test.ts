import { type BrowserContext, test as base, expect } from '@playwright/test';
import { Pool } from 'pg';
import { SignInPage } from '../pages/sign-in-page';
import { collectErrors } from './browser';
import { type Stack, startStack } from './stack';

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

/** For `test.use({ storageState: SIGNED_OUT })`. Without it the administrator is signed in. */
export const SIGNED_OUT: StorageState = { cookies: [], origins: [] };

interface TestFixtures {
  /** Errors in the browser that the test causes on purpose, such as the answer to a wrong password; any other fails it. */
  readonly expectedErrors: RegExp | null;
}

interface WorkerFixtures {
  /** Name of the spec. Each spec sets its own with `test.use`, so that Playwright gives it a worker, and a stack, of its own. */
  readonly spec: string;
  readonly stack: Stack;
  /** Connections to the stack's database. */
  readonly pool: Pool;
  readonly adminSession: StorageState;
}

/** Playwright's test, whose page is the console of a running stack. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  spec: ['', { scope: 'worker', option: true }],
  stack: [
    async ({ spec: _ }, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  pool: [
    async ({ stack }, use) => {
      const pool = new Pool({ connectionString: stack.databaseUrl, max: 2 });
      await use(pool);
      await pool.end();
    },
    { scope: 'worker' },
  ],
  adminSession: [
    async ({ browser, stack }, use) => {
      const page = await browser.newPage({ baseURL: stack.url });
      await (await new SignInPage(page).open()).signIn(stack.admin);
      const state = await page.context().storageState();
      await page.close();
      await use(state);
    },
    { scope: 'worker' },
  ],
  baseURL: ({ stack }, use) => use(stack.url),
  storageState: ({ adminSession }, use) => use(adminSession),
  expectedErrors: [null, { option: true }],
  context: async ({ context, expectedErrors }, use) => {
    const errors = collectErrors(context);
    await use(context);
    expect(errors.filter((error) => !expectedErrors?.test(error))).toEqual([]);
  },
});

export { expect } from '@playwright/test';
