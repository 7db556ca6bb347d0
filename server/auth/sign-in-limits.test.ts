import { expect, test } from 'vitest';
import { SignInLimits } from './sign-in-limits';

const done = async () => 'checked';

async function attempts(limits: SignInLimits, count: number, address: (n: number) => string, known = false) {
  const answers: (string | null)[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await limits.run(known, address(n), done));
  return answers.filter((answer) => answer !== null).length;
}

test('M7: one address has 20 attempts a minute, and another has its own', async () => {
  const limits = new SignInLimits();
  expect(await attempts(limits, 50, () => '192.0.2.1')).toBe(20);
  expect(await attempts(limits, 5, () => '192.0.2.2')).toBe(5);
});

test('M7: all addresses together have 120 attempts a minute, also where an address is not known', async () => {
  expect(await attempts(new SignInLimits(), 300, (n) => `192.0.2.${n}`)).toBe(120);
  expect(await attempts(new SignInLimits(), 300, () => '')).toBe(120);
});

test('M7: a browser that is known is never turned away by what strangers do', async () => {
  const limits = new SignInLimits();
  await attempts(limits, 300, (n) => `192.0.2.${n}`);
  expect(await attempts(limits, 200, () => '192.0.2.1', true)).toBe(200);
});

test('M7: two passwords are hashed at once, 20 may wait in all, and the others are turned away', async () => {
  const limits = new SignInLimits();
  let [running, most] = [0, 0];
  const slow = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    return 'checked';
  };
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => limits.run(false, `192.0.2.${n}`, slow)));
  expect(most).toBe(2);
  expect(answers.filter((answer) => answer !== null)).toHaveLength(20);
});
