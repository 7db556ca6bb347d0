import { canonicalJson, type JsonValue } from '@/server/domain/canonical-json';

/** Takes the journal's lines, each without its line end, in order. Hashing and storing happen behind it. */
export type JournalSink = (line: string) => void;

/** Writes what happened as canonical JSON, one object a line, numbered from 1 and stamped with virtual time. */
export class Journal {
  private seq = 0;

  constructor(private readonly sink: JournalSink) {}

  write(atMs: number, type: string, body: { readonly [key: string]: JsonValue | undefined }): void {
    this.seq += 1;
    this.sink(canonicalJson({ ...body, at: new Date(atMs).toISOString(), seq: this.seq, type }));
  }
}
