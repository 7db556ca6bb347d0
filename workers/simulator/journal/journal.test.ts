import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/harness';
import { Journal } from './journal';
import { JournalError } from './line';
import { readJournal } from './read-journal';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fail(error: Error): void {
  throw error;
}

async function openJournal(): Promise<Journal> {
  return Journal.open(path, await readJournal(path, () => undefined), fail);
}

async function records(): Promise<unknown[]> {
  const found: unknown[] = [];
  await readJournal(path, (record) => found.push(record));
  return found;
}

async function write(count: number): Promise<void> {
  const journal = await openJournal();
  for (let index = 0; index < count; index += 1) journal.append({ type: 'clock', at: index });
  await journal.close();
}

describe('journal', () => {
  it('has everything on disk when it says durable', async () => {
    const journal = await openJournal();
    for (let index = 1; index <= 100; index += 1) journal.append({ type: 'clock', at: index });
    await journal.durable();
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(100);
    await journal.close();
  });

  it('calls back in the order of asking, each after what it waits for', async () => {
    const journal = await openJournal();
    const order: number[] = [];
    const linesSeen: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      journal.append({ type: 'clock', at: index });
      journal.whenDurable(() => {
        order.push(index);
        linesSeen.push(readFileSync(path, 'utf8').split('\n').length - 1);
      });
    }
    await journal.durable();
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(linesSeen.every((lines, index) => lines > index)).toBe(true);
    await journal.close();
  });

  it('goes on with the next number after it is opened again', async () => {
    await write(3);
    await write(2);
    expect(await records()).toMatchObject([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
  });

  it('drops a last line without its newline and writes on from there', async () => {
    await write(3);
    const whole = statSync(path).size;
    appendFileSync(path, '{"n":4,"type":"clo');
    const reading = await readJournal(path, () => undefined);
    expect(reading).toEqual({ goodBytes: whole, nextNumber: 4, tornBytes: 18 });
    await write(1);
    expect(await records()).toMatchObject([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4, at: 0 }]);
  });

  it('refuses a changed byte, a missing line and a complete but broken last line', async () => {
    await write(3);
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    writeFileSync(path, text.replace('"at":1', '"at":7'));
    await expect(records()).rejects.toThrow('journal line 2 fails its checksum');
    writeFileSync(path, [lines[0], lines[2], ''].join('\n'));
    await expect(records()).rejects.toThrow('journal line 2 is out of sequence');
    writeFileSync(path, `${text}{"n":4}\n`);
    await expect(records()).rejects.toThrow(JournalError);
  });
});
