import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createNewsFile, NewsFileError, parseNewsFile } from './news-file';

const folder = mkdtempSync(path.join(tmpdir(), 'news-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const item = { ticker: 'AAPL', title: 'Up', source: 'Wire', date: '2024-03-08T22:45:22Z', url: 'https://a.test/1' };

describe('a file of news', () => {
  it('gives items with an id of their own, the same from every file', () => {
    const [first] = parseNewsFile(JSON.stringify({ news: [item] }), null);
    expect(first).toMatchObject({
      symbols: ['AAPL'],
      source: 'Wire',
      headline: 'Up',
      publishedMs: Date.parse(item.date),
    });
    expect(parseNewsFile(JSON.stringify([item]), 'MSFT')).toEqual([first]);
  });

  it('takes the symbol that is given for items that name none', () => {
    const { ticker: _, ...bare } = item;
    expect(parseNewsFile(JSON.stringify([bare]), 'MSFT')[0]?.symbols).toEqual(['MSFT']);
  });

  it.each<[string, string, string]>([
    ['no JSON', '{', 'is not JSON'],
    ['no list', '{"items":[]}', 'is no list'],
    ['a date that is none', JSON.stringify([item, { ...item, date: 'yesterday' }]), 'item 2: date'],
    ['no date', JSON.stringify([{ ...item, date: undefined }]), 'has no date'],
    ['no title', JSON.stringify([{ ...item, title: undefined }]), 'has no title'],
    ['no symbol', JSON.stringify([{ ...item, ticker: undefined }]), 'names no symbol'],
    ['a symbol that is none', JSON.stringify([{ ...item, ticker: '../etc' }]), 'item 1: ticker'],
  ])('with %s is refused whole', (_, text, message) => {
    expect(() => parseNewsFile(text, null)).toThrow(NewsFileError);
    expect(() => parseNewsFile(text, null)).toThrow(message);
  });

  it('as a source gives what was published in the time asked for, and what was added to it', async () => {
    const file = path.join(folder, 'news.json');
    writeFileSync(file, JSON.stringify([item]));
    const source = createNewsFile(file);
    const at = Date.parse(item.date);
    expect(await source.news(['AAPL'], at, at + 1)).toHaveLength(1);
    expect(await source.news(['AAPL'], at - 1, at)).toHaveLength(0);
    expect(await source.news(['MSFT'], at, at + 1)).toHaveLength(0);
    writeFileSync(file, JSON.stringify([item, { ...item, url: 'https://a.test/2' }]));
    expect(await source.news(['AAPL'], at, at + 1)).toHaveLength(2);
  });
});
