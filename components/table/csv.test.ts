import { describe, expect, it } from 'vitest';
import { toCsv } from './csv';

describe('toCsv', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+SUM(A1)', "'+SUM(A1)"],
    ['@cmd', "'@cmd"],
    ['-2+3', "'-2+3"],
    ['\tx', "'\tx"],
  ])('disarms %j', (cell, written) => {
    expect(toCsv(['h'], [[cell]])).toBe(`h\r\n${written}`);
  });

  it('keeps negative numbers as numbers', () => {
    expect(toCsv(['h'], [['-12.50']])).toBe('h\r\n-12.50');
  });

  it('quotes commas, quotes and line breaks', () => {
    expect(toCsv(['a', 'b'], [['x,y', 'say "no"\n']])).toBe('a,b\r\n"x,y","say ""no""\n"');
  });
});
