import { closeSync, openSync, writeSync } from 'node:fs';

const CHUNK = 1 << 16;

/** The journal on disk, written in chunks. */
export class JournalFile {
  private pending = '';

  private constructor(private readonly descriptor: number) {}

  /** Truncates what was there. @throws the system's error when the path cannot be written */
  static open(path: string): JournalFile {
    return new JournalFile(openSync(path, 'w'));
  }

  write(line: string): void {
    this.pending += `${line}\n`;
    if (this.pending.length >= CHUNK) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    this.pending = '';
  }
}
