// A log file that is rotated: past 10 MB it becomes `.1`, and a new one begins.
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;

export interface LogFile {
  write(line: string): void;
  close(): void;
}

export function openLog(file: string): LogFile {
  mkdirSync(path.dirname(file), { recursive: true });
  let descriptor = openSync(file, 'a', 0o600);
  let size = statSync(file).size;
  return {
    write(line) {
      if (size > MAX_BYTES) {
        closeSync(descriptor);
        renameSync(file, `${file}.1`);
        descriptor = openSync(file, 'a', 0o600);
        size = 0;
      }
      try {
        size += writeSync(descriptor, `${line}\n`);
      } catch {
        // A full disk must not end what the log is about.
      }
    },
    close: () => closeSync(descriptor),
  };
}
