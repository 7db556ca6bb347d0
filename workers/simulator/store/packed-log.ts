const CHUNK_BYTES = 256 * 1024;

/**
 * Append-only texts kept outside the JavaScript heap, numbered from 0. Thousands of closed orders then cost their
 * bytes and nothing for the garbage collector.
 */
export class PackedLog {
  private chunks: Buffer[] = [];
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
    const chunk = this.chunks[Math.floor(offset / CHUNK_BYTES)];
    if (chunk === undefined) throw new RangeError(`no chunk for text number ${index}`);
    return chunk.toString('utf8', start, start + length);
  }

  private addChunk(bytes: number): void {
    if (bytes > CHUNK_BYTES) throw new RangeError(`a text of ${bytes} bytes is too long to pack`);
    this.chunks.push(Buffer.allocUnsafeSlow(CHUNK_BYTES));
    this.used = 0;
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
