import { statSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openTab } from '../harness/browser';
import { type Stack, startStack } from '../harness/stack';
import { SignInPage } from '../pages/sign-in-page';

describe('a stack that npm start brought up', () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('the first user signs in with the password shown, and not with another', async () => {
    const { page, errors } = await openTab(browser, stack.url);
    const signIn = await new SignInPage(page).open();
    await signIn.submit(stack.admin.email, 'not the password');
    expect(await signIn.problem()).toMatch(/Wrong e-mail or password/);
    await signIn.open();
    await signIn.signIn(stack.admin);
    expect(await page.title()).toMatch(/Countersign/);
    // The refused sign-in is a 401, which the browser reports too.
    expect(errors.filter((error) => !error.includes('401'))).toEqual([]);
  });

  test('a page asked for without signing in leads to the sign-in page', async () => {
    const { page } = await openTab(browser, stack.url);
    await page.goto('/orders');
    expect(new URL(page.url()).pathname).toBe('/signin');
  });

  test('secrets are readable by their owner alone', () => {
    for (const name of ['secrets.json', 'runtime.json']) {
      expect(statSync(path.join(stack.dataDir, name)).mode & 0o077).toBe(0);
    }
  });

  test('the command line finds the database of the running stack', async () => {
    expect(JSON.parse(await stack.cli('user', 'list', '--json'))).toMatchObject([{ email: stack.admin.email }]);
  });

  test('a worker that is killed comes back by itself', async () => {
    const before = await stack.pidOf('worker');
    process.kill(before, 'SIGKILL');
    await expect.poll(() => stack.pidOf('worker').catch(() => before), { timeout: 15_000 }).not.toBe(before);
    await expect.poll(async () => (await fetch(`${stack.url}/health/ready`)).status, { timeout: 15_000 }).toBe(200);
    expect(stack.output()).toMatch(/worker +stopped \(SIGKILL\); starting it again in 0\.5 s/);
  });
});
