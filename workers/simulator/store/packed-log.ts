import { deflateRawSync, inflateRawSync } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

/**
 * Append-only texts kept outside the JavaScript heap, numbered from 0. Thousands of closed orders then cost a fraction
 * of their bytes, as full chunks are compressed, and nothing for the garbage collector.
 */
export class PackedLog {
  /** The last one is being filled; those before it are compressed. */
  private chunks: Buffer[] = [];
  /** The compressed chunk that was read last: readers go through their neighbours. */
  private opened: { readonly number: number; readonly bytes: Buffer } | null = null;
  private used = 0;
  private offsets = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Stores a text and returns its number. */
  append(text: string): number {
    const bytes = Buffer.byteLength(text);
    if (this.chunks.length === 0 || this.used + bytes > CHUNK_BYTES) this.addChunk(bytes);
    const chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined) throw new Error('packed log has no chunk');
    chunk.write(text, this.used);
    this.growIndex();
    this.offsets[this.count] = (this.chunks.length - 1) * CHUNK_BYTES + this.used;
    this.lengths[this.count] = bytes;
    this.used += bytes;
    this.count += 1;
    return this.count - 1;
  }

  /** The text of a number. @throws RangeError when there is none */
  read(index: number): string {
    const offset = this.offsets[index];
    const length = this.lengths[index];
    if (index >= this.count || offset === undefined || length === undefined) {
      throw new RangeError(`no text number ${index}`);
    }
    const start = offset % CHUNK_BYTES;
    return this.open(Math.floor(offset / CHUNK_BYTES)).toString('utf8', start, start + length);
  }

  private addChunk(bytes: number): void {
    if (bytes > CHUNK_BYTES) throw new RangeError(`a text of ${bytes} bytes is too long to pack`);
    const full = this.chunks.length - 1;
    const chunk = this.chunks[full];
    if (chunk !== undefined)
      this.chunks[full] = Buffer.from(deflateRawSync(chunk.subarray(0, this.used), { level: 1 }));
    this.chunks.push(Buffer.allocUnsafeSlow(CHUNK_BYTES));
    this.used = 0;
  }

  private open(number: number): Buffer {
    const chunk = this.chunks[number];
    if (chunk === undefined) throw new RangeError(`no chunk ${number}`);
    if (number === this.chunks.length - 1) return chunk;
    if (this.opened?.number !== number) this.opened = { number, bytes: inflateRawSync(chunk) };
    return this.opened.bytes;
  }

  private growIndex(): void {
    if (this.count < this.offsets.length) return;
    const offsets = new Float64Array(this.offsets.length * 2);
    offsets.set(this.offsets);
    this.offsets = offsets;
    const lengths = new Uint32Array(this.lengths.length * 2);
    lengths.set(this.lengths);
    this.lengths = lengths;
  }
}
