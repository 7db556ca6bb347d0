import { crc32 } from 'node:zlib';

/** A journal that cannot be trusted: the simulator does not start on it. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

const CRC_TAIL = /,"crc":"([0-9a-f]{8})"\}$/;

/** One line of the journal: the record with its number first and the CRC-32 of all before it last. */
export function encodeLine(number: number, record: object): string {
  const body = JSON.stringify(record);
  const head = `{"n":${number},${body.slice(1, -1)}`;
  return `${head},"crc":"${crc32(head).toString(16).padStart(8, '0')}"}\n`;
}

/** Reads a complete line and checks its number and checksum. @throws JournalError */
export function decodeLine(line: string, expectedNumber: number): unknown {
  const where = `journal line ${expectedNumber}`;
  const tail = CRC_TAIL.exec(line);
  if (tail === null) throw new JournalError(`${where} has no checksum`);
  const head = line.slice(0, tail.index);
  if (crc32(head).toString(16).padStart(8, '0') !== tail[1]) throw new JournalError(`${where} fails its checksum`);
  const parsed: unknown = JSON.parse(`${head}}`);
  if (typeof parsed !== 'object' || parsed === null || !('n' in parsed) || parsed.n !== expectedNumber) {
    throw new JournalError(`${where} is out of sequence`);
  }
  return parsed;
}
