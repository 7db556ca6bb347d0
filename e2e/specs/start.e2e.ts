import { statSync } from 'node:fs';
import path from 'node:path';
import { expect, SIGNED_OUT, test } from '../harness/test';
import { SignInPage } from '../pages/sign-in-page';

test.use({ spec: 'start', storageState: SIGNED_OUT });

test.describe('a stack started by npm start', { tag: '@main' }, () => {
  test.describe('the first user', () => {
    // The refused sign-in is a 401, which the browser reports too.
    test.use({ expectedErrors: /401/ });

    test('signs in with the password shown, and with no other', async ({ page, stack }) => {
      const signIn = await new SignInPage(page).open();
      await signIn.submit(stack.admin.email, 'not the password');
      expect(await signIn.problem()).toMatch(/Wrong e-mail or password/);
      await signIn.open();
      await signIn.signIn(stack.admin);
      expect(await page.title()).toMatch(/Countersign/);
    });
  });

  test('a page opened without signing in leads to the sign-in page', async ({ page }) => {
    await page.goto('/orders');
    expect(new URL(page.url()).pathname).toBe('/signin');
  });

  test('only their owner can read the files with secrets', ({ stack }) => {
    for (const name of ['secrets.json', 'runtime.json']) {
      expect(statSync(path.join(stack.dataDir, name)).mode & 0o077).toBe(0);
    }
  });

  test('the command line finds the database of the running stack', async ({ stack }) => {
    expect(JSON.parse(await stack.cli('user', 'list', '--json'))).toMatchObject([{ email: stack.admin.email }]);
  });

  test('a worker that is killed is started again', async ({ stack }) => {
    const before = await stack.pidOf('worker');
    process.kill(before, 'SIGKILL');
    await expect.poll(() => stack.pidOf('worker').catch(() => before), { timeout: 15_000 }).not.toBe(before);
    await expect.poll(async () => (await fetch(`${stack.url}/health/ready`)).status, { timeout: 15_000 }).toBe(200);
    expect(stack.output()).toMatch(/worker +stopped \(SIGKILL\); starting it again in 0\.5 s/);
  });
});
