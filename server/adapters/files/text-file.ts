import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { Unzip, UnzipInflate } from 'fflate';
import type { BarSource } from '@/server/application/ports/bar-source';
import { BarFileError } from '@/server/domain/market/bar-file';

/** Small pieces: what is made of one is garbage before the next, and cheap to collect. */
const PIECE_BYTES = 1 << 16;

type Packing = 'plain' | 'gzip' | 'zip';
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const startsWith = (bytes: Uint8Array, ...magic: readonly number[]) => magic.every((byte, n) => bytes[n] === byte);

async function packingOf(file: string): Promise<Packing> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (startsWith(buffer, 0x1f, 0x8b)) return 'gzip';
    return startsWith(buffer, 0x50, 0x4b, 0x03, 0x04) ? 'zip' : 'plain';
  } finally {
    await handle.close();
  }
}

const cannotBeUnpacked = (error: unknown) =>
  BarFileError.at(0, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);

/** The file of a zip archive, as it is unpacked. */
class ZipReader {
  readonly names: string[] = [];
  readonly #unzip = new Unzip();
  #pieces: Uint8Array[] = [];
  #whole = false;
  #fault: unknown = null;

  constructor() {
    this.#unzip.register(UnzipInflate);
    this.#unzip.onfile = (entry) => {
      if (entry.name.endsWith('/')) return;
      this.names.push(entry.name);
      if (this.names.length > 1) return;
      entry.ondata = (error, piece, final) => {
        this.#fault ??= error;
        if (piece !== null && piece.length > 0) this.#pieces.push(piece);
        this.#whole ||= final;
      };
      entry.start();
    };
  }

  push(bytes: Uint8Array, final: boolean): Uint8Array[] {
    try {
      this.#unzip.push(bytes, final);
    } catch (error) {
      throw cannotBeUnpacked(error);
    }
    if (this.#fault !== null) throw cannotBeUnpacked(this.#fault);
    if (this.names.length > 1 || (final && this.names.length === 0))
      throw BarFileError.at(0, `the archive must hold one file; it holds ${this.names.join(', ') || 'none'}`);
    if (final && !this.#whole) throw cannotBeUnpacked('the archive is cut off');
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

async function* unzipped(pieces: AsyncIterable<Uint8Array>, zip: ZipReader): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield* zip.push(piece, false);
  yield* zip.push(new Uint8Array(0), true);
}

async function* gunzipped(file: string, progress?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const input = createReadStream(file, { highWaterMark: PIECE_BYTES });
  const output = createGunzip({ chunkSize: PIECE_BYTES });
  input.on('error', (error) => output.destroy(error));
  input.pipe(output);
  try {
    for await (const piece of output) {
      progress?.(input.bytesRead);
      yield piece as Uint8Array;
    }
  } catch (error) {
    throw input.errored === null ? cannotBeUnpacked(error) : error;
  } finally {
    input.destroy();
  }
}

async function* plain(file: string, progress?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const input = createReadStream(file, { highWaterMark: PIECE_BYTES });
  for await (const piece of input) {
    progress?.(input.bytesRead);
    yield piece as Uint8Array;
  }
}

function bytesOf(file: string, packing: Packing, zip: ZipReader, progress?: (bytes: number) => void) {
  if (packing === 'gzip') return gunzipped(file, progress);
  return packing === 'zip' ? unzipped(plain(file, progress), zip) : plain(file, progress);
}

/** The encoding of a text. UTF-8 has to be seen to its end: what looks like it may turn out to be something else. */
async function encodingOf(pieces: AsyncIterable<Uint8Array>): Promise<Encoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  let valid = true;
  for await (const piece of pieces) {
    if (first && startsWith(piece, 0xff, 0xfe)) return 'utf-16le';
    if (first && startsWith(piece, 0xfe, 0xff)) return 'utf-16be';
    if (first && piece.subarray(0, 200).includes(0))
      throw BarFileError.at(0, 'is not text, or is UTF-16 without a byte order mark');
    first = false;
    if (!valid) continue;
    try {
      decoder.decode(piece, { stream: true });
    } catch {
      valid = false;
    }
  }
  try {
    if (valid) decoder.decode();
  } catch {
    valid = false;
  }
  return valid ? 'utf-8' : 'windows-1252';
}

async function* decoded(pieces: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

const ENCODED: Readonly<Record<Encoding, readonly string[]>> = {
  'utf-8': [],
  'utf-16le': ['UTF-16'],
  'utf-16be': ['UTF-16'],
  'windows-1252': ['not UTF-8: read as Windows-1252'],
};

/**
 * Opens a text file that may be compressed, and in UTF-8, UTF-16 or Windows-1252. It is never held in memory as a whole.
 * @throws BarFileError when it is no text or an archive that does not hold exactly one file, NodeJS.ErrnoException when it
 * cannot be read
 */
export async function openTextFile(file: string): Promise<BarSource> {
  const { size } = await stat(file);
  const packing = await packingOf(file);
  const zip = new ZipReader();
  const encoding = await encodingOf(bytesOf(file, packing, zip));
  const base = path.basename(file);
  const name = packing === 'zip' ? (zip.names[0] ?? base) : packing === 'gzip' ? base.replace(/\.gz$/i, '') : base;
  const packed = { plain: [], gzip: ['compressed with gzip'], zip: [`${name} in a zip archive`] }[packing];
  return {
    name,
    bytes: size,
    understood: [...packed, ...ENCODED[encoding]],
    read: (progress) => decoded(bytesOf(file, packing, new ZipReader(), progress), encoding),
  };
}
