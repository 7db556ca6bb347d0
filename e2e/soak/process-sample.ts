import { readFileSync } from 'node:fs';

/** Of a Linux kernel, whose /proc this reads. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface ProcessSample {
  /** Seconds of processor time since the process began. */
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

/** What a process has used so far; null when it is gone. */
export function sampleProcess(pid: number): ProcessSample | null {
  try {
    // The name in the second field may hold blanks: count from behind it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / TICKS_PER_SECOND, residentMb: (Number(fields[21]) * PAGE_BYTES) / 1_048_576 };
  } catch {
    return null;
  }
}
