import { createReadStream, existsSync } from 'node:fs';
import { decodeLine } from './line';

export interface JournalReading {
  /** Bytes of complete, checked lines. What follows is a torn last line and may be cut off. */
  readonly goodBytes: number;
  readonly nextNumber: number;
  readonly tornBytes: number;
}

/**
 * Reads a journal from its start and hands each checked record to `onRecord`. A last line without its newline was
 * never acknowledged to anyone and is left out; any other fault throws.
 * @throws JournalError when a complete line fails its checksum or is out of sequence
 */
export async function readJournal(
  path: string,
  onRecord: (record: unknown, number: number) => void,
): Promise<JournalReading> {
  if (!existsSync(path)) return { goodBytes: 0, nextNumber: 1, tornBytes: 0 };
  let number = 1;
  let goodBytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = bytes.indexOf(0x0a, start); end !== -1; end = bytes.indexOf(0x0a, start)) {
      onRecord(decodeLine(bytes.toString('utf8', start, end), number), number);
      number += 1;
      goodBytes += end + 1 - start;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  return { goodBytes, nextNumber: number, tornBytes: rest.length };
}
