import { expect, test } from 'vitest';
import { important, withoutRepeats } from './importance';

test.each([
  ['{"level":30,"msg":"quote"}', 'stdout', null],
  ['{"level":40,"msg":"slow"}', 'stdout', 'slow'],
  ['{"level":50,"msg":"round failed","err":{"message":"timeout"}}', 'stdout', 'round failed: timeout'],
  ['▲ Next.js', 'stdout', null],
  ['Error: cannot open', 'stderr', 'Error: cannot open'],
  ['    at open (file.ts:1:1)', 'stderr', null],
  ['{not json', 'stderr', '{not json'],
] as const)('of %s on %s a person sees %s', (line, stream, shown) => {
  expect(important(line, stream)).toBe(shown);
});

test('a line repeated in a loop is shown once', () => {
  const shown: string[] = [];
  const say = withoutRepeats((line: string) => shown.push(line));
  for (const line of ['down', 'down', 'up', 'down']) say(line);
  expect(shown).toEqual(['down', 'up']);
});
