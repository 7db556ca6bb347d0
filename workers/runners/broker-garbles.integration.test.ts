import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { BadBroker } from '../testing/bad-broker';

/** Answers that are none: what they are is said, and the order in doubt is found or sent once. */
let bad: BadBroker;

beforeAll(async () => {
  bad = await BadBroker.start();
  await bad.stack.worker();
  await bad.stack.reconciled();
}, 180_000);

afterEach(() => bad.mend());

afterAll(() => bad.stack.stop());

test.each([
  ['HTML with 200', { answer: 'html' }, 'UNREADABLE', 'an HTML page'],
  ['HTML with 502', { answer: { status: 502 } }, 'UNREACHABLE', 'answers 502 (an HTML page)'],
  ['JSON cut in half', { answer: 'cut_json', answer_effect: 'accept' }, 'UNREADABLE', 'the answer is not JSON'],
  ['a body that breaks off', { answer: 'truncated', answer_effect: 'accept' }, 'UNREACHABLE', 'does not answer'],
  ['no answer at all', { hang_ms: 60_000, hang_effect: 'accept' }, 'UNREACHABLE', 'no answer within'],
  ['429', { answer: { status: 429, body: { message: 'too many requests.' } } }, 'RATE_LIMITED', 'limits our requests'],
])(
  '%s: said, and the order in doubt is found or sent once',
  { timeout: 180_000 },
  async (_name, switches, state, text) => {
    await bad.fault(switches);
    const id = await bad.place('NVDA');
    await bad.says(state, text);
    await bad.mend();
    await bad.settled(id, 'FILLED', 'CANCELLED');
    await bad.allWell();
  },
);
