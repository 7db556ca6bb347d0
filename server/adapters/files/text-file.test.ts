import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTextFile } from './text-file';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-text-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Longer than a piece, and a sign of two bytes at every other place.
const TEXT = Array.from({ length: 60_000 }, (_, n) => `${n};é\n`).join('');

async function read(name: string, bytes: Uint8Array) {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const source = await openTextFile(file);
  const whole = async () => {
    let text = '';
    for await (const piece of source.read()) text += piece;
    return text;
  };
  return { source, text: await whole(), again: await whole() };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('text files, piece by piece', () => {
  it.each<[string, Uint8Array, string, readonly string[]]>([
    ['plain.csv', utf8(TEXT), 'plain.csv', []],
    ['packed.csv.gz', gzipSync(TEXT), 'packed.csv', ['compressed with gzip']],
    [
      'packed.zip',
      zipSync({ 'a/': new Uint8Array(0), 'a/inner.csv': utf8(TEXT) }),
      'a/inner.csv',
      ['a/inner.csv in a zip archive'],
    ],
    ['wide.txt', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), 'wide.txt', ['UTF-16']],
    ['old.txt', Buffer.from(TEXT, 'latin1'), 'old.txt', ['not UTF-8: read as Windows-1252']],
  ])('%s is decoded the same each time', async (name, bytes, shown, understood) => {
    const { source, text, again } = await read(name, bytes);
    expect(text === TEXT).toBe(true);
    expect(again === TEXT).toBe(true);
    expect(source).toMatchObject({ name: shown, understood, bytes: bytes.length });
  });

  it.each<[string, () => Uint8Array, string]>([
    ['two.zip', () => zipSync({ a: utf8('1'), b: utf8('2') }), 'the archive must hold one file; it holds a, b'],
    ['none.zip', () => zipSync({ 'a/': new Uint8Array(0) }), 'it holds none'],
    ['cut.zip', () => zipSync({ a: utf8(TEXT) }).subarray(0, 5_000), 'cannot be unpacked'],
    ['cut.gz', () => gzipSync(TEXT).subarray(0, 5_000), 'cannot be unpacked'],
    ['unmarked.txt', () => Buffer.from('a,b\n', 'utf16le'), 'is not text, or is UTF-16 without a byte order mark'],
  ])('%s is refused', async (name, bytes, reason) => {
    await expect(read(name, bytes())).rejects.toThrow(reason);
  });

  it('that are not there are the error of the system', async () => {
    await expect(openTextFile(path.join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
