import { afterEach, expect, it } from 'vitest';
import { TestSimulator } from './testing/harness';

let simulator: TestSimulator;
afterEach(() => simulator.dispose());

it('serves no pattern-day-trader field: the broker removed them in 2026', async () => {
  simulator = await TestSimulator.start();
  const names = [
    ...Object.keys(await simulator.json('GET', '/v2/account')),
    ...Object.keys(await simulator.json('GET', '/v2/account/configurations')),
  ];
  expect(names).toContain('buying_power');
  expect(names.filter((name) => /daytrad|day_trade|pdt|dtbp/.test(name))).toEqual([]);
});
