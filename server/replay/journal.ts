import { canonicalJson, type JsonValue } from '@/server/kernel/canonical-json';
import { isoTime } from '@/server/kernel/iso-time';

/** Takes the journal's lines, each without its line end, in order. Hashing and storing happen behind it. */
export type JournalSink = (line: string) => void;

export interface JournalBody {
  [key: string]: JsonValue | undefined;
}

/** Writes what happened as canonical JSON, one object a line, numbered from 1 and stamped with virtual time. */
export class Journal {
  private seq = 0;

  constructor(private readonly sink: JournalSink) {}

  /** Takes `body` over: time, number and type are put into it rather than into a copy. */
  write(atMs: number, type: string, body: JournalBody): void {
    this.seq += 1;
    body.at = isoTime(atMs);
    body.seq = this.seq;
    body.type = type;
    this.sink(canonicalJson(body));
  }
}
