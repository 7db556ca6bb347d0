import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { BarFileError } from '@/server/domain/market/bar-file';

/** The text of a file that may be compressed, and in UTF-8 or UTF-16. */
export interface TextFile {
  readonly text: string;
  /** Name of the file, or of the one in an archive. */
  readonly name: string;
  /** How it was read, in plain words; nothing for plain UTF-8. */
  readonly understood: readonly string[];
}

const startsWith = (bytes: Uint8Array, ...magic: readonly number[]) => magic.every((byte, n) => bytes[n] === byte);

/** @throws BarFileError for an archive that does not hold exactly one file */
function unpack(bytes: Uint8Array, name: string): { bytes: Uint8Array; name: string; understood: string[] } {
  try {
    if (startsWith(bytes, 0x1f, 0x8b))
      return { bytes: gunzipSync(bytes), name: name.replace(/\.gz$/i, ''), understood: ['compressed with gzip'] };
    if (!startsWith(bytes, 0x50, 0x4b, 0x03, 0x04)) return { bytes, name, understood: [] };
    const entries = Object.entries(unzipSync(bytes)).filter(([entry]) => !entry.endsWith('/'));
    const [only] = entries;
    if (only === undefined || entries.length > 1)
      throw BarFileError.at(
        0,
        `the archive must hold one file; it holds ${entries.map(([entry]) => entry).join(', ') || 'none'}`,
      );
    return { bytes: only[1], name: only[0], understood: [`${only[0]} in a zip archive`] };
  } catch (error) {
    if (error instanceof BarFileError) throw error;
    throw BarFileError.at(0, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function decode(bytes: Uint8Array): { text: string; understood: string[] } {
  const [first, second] = bytes;
  for (const [encoding, marked] of [
    ['utf-16le', first === 0xff && second === 0xfe],
    ['utf-16be', first === 0xfe && second === 0xff],
  ] as const)
    if (marked) return { text: new TextDecoder(encoding).decode(bytes), understood: ['UTF-16'] };
  if (bytes.subarray(0, 200).includes(0)) throw BarFileError.at(0, 'is no text: UTF-16 needs a byte order mark');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), understood: [] };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), understood: ['not UTF-8: read as Windows-1252'] };
  }
}

/** Reads a text file. @throws BarFileError when it is no text, NodeJS.ErrnoException when it cannot be read */
export async function readTextFile(file: string): Promise<TextFile> {
  const { bytes, name, understood } = unpack(await readFile(file), path.basename(file));
  const decoded = decode(bytes);
  return { text: decoded.text, name, understood: [...understood, ...decoded.understood] };
}
