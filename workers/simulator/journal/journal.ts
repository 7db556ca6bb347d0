import { type FileHandle, open } from 'node:fs/promises';
import { encodeLine } from './line';

/**
 * The append-only journal. Records are written in the order of {@link append}; whatever gathers while one write is
 * being synced goes to disk in the next, so that many requests share one fdatasync.
 */
export class Journal {
  private readonly handle: FileHandle;
  private readonly onFailure: (error: Error) => void;
  private nextNumber: number;
  private waitingLines: string[] = [];
  private waitingCallbacks: (() => void)[] = [];
  private flushing = false;
  private failed = false;

  private constructor(handle: FileHandle, nextNumber: number, onFailure: (error: Error) => void) {
    this.handle = handle;
    this.nextNumber = nextNumber;
    this.onFailure = onFailure;
  }

  /**
   * Opens the file for appending after `goodBytes`, cutting off whatever follows (a torn last line).
   * `onFailure` is called once when the disk refuses: nothing may be answered from then on.
   */
  static async open(
    path: string,
    from: { goodBytes: number; nextNumber: number },
    onFailure: (error: Error) => void,
  ): Promise<Journal> {
    const handle = await open(path, 'a', 0o600);
    await handle.truncate(from.goodBytes);
    await handle.datasync();
    return new Journal(handle, from.nextNumber, onFailure);
  }

  /** Number of the last record appended, durable or not. */
  get lastNumber(): number {
    return this.nextNumber - 1;
  }

  append(record: object): void {
    this.waitingLines.push(encodeLine(this.nextNumber, record));
    this.nextNumber += 1;
    this.startFlush();
  }

  /** Calls back, in order, once everything appended so far is on disk. */
  whenDurable(callback: () => void): void {
    if (this.failed) return;
    if (!this.flushing && this.waitingLines.length === 0) {
      callback();
      return;
    }
    this.waitingCallbacks.push(callback);
    this.startFlush();
  }

  /** Resolves once everything appended so far is on disk; never, when the disk has failed. */
  durable(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  async close(): Promise<void> {
    if (!this.failed) await this.durable();
    await this.handle.close();
  }

  private startFlush(): void {
    if (this.flushing || this.failed) return;
    this.flushing = true;
    this.flush().catch((error: unknown) => {
      this.failed = true;
      this.onFailure(error instanceof Error ? error : new Error(String(error)));
    });
  }

  private async flush(): Promise<void> {
    // One turn of the event loop lets requests that arrived together share the sync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waitingLines.length > 0 || this.waitingCallbacks.length > 0) {
      const lines = this.waitingLines;
      const callbacks = this.waitingCallbacks;
      this.waitingLines = [];
      this.waitingCallbacks = [];
      if (lines.length > 0) await this.write(Buffer.from(lines.join('')));
      for (const callback of callbacks) callback();
    }
    this.flushing = false;
  }

  private async write(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const result = await this.handle.write(bytes, written, bytes.length - written);
      written += result.bytesWritten;
    }
    await this.handle.datasync();
  }
}
