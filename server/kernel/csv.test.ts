import { describe, expect, it } from 'vitest';
import { csvHeader, csvLines, toCsv } from './csv';

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

describe('csvLines', () => {
  it('writes a header and lines that can be appended to each other', () => {
    const fields = { name: (row: { name: string }) => row.name, length: (row: { name: string }) => row.name.length };
    const text = csvHeader(fields) + csvLines(fields, [{ name: '=1' }]) + csvLines(fields, [{ name: 'a,b' }]);
    expect(text).toBe('name,length\r\n\'=1,2\r\n"a,b",3\r\n');
  });
});
