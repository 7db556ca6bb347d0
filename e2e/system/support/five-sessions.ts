import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomFrom } from './random';

export interface RecordedSession {
  /** New York date. */
  readonly date: string;
  /** Epoch ms. */
  readonly openMs: number;
  readonly closeMs: number;
  /** What is special about it. */
  readonly what: string;
}

const session = (date: string, open: string, close: string, what = ''): RecordedSession => ({
  date,
  openMs: Date.parse(`${date}T${open}:00Z`),
  closeMs: Date.parse(`${date}T${close}:00Z`),
  what,
});

/** Sessions of the New York Stock Exchange in autumn 2025, in UTC as its published hours say: no code worked them out. */
export const FIVE_SESSIONS: readonly RecordedSession[] = [
  session('2025-10-31', '13:30', '20:00', 'the last of summer time'),
  session('2025-11-03', '14:30', '21:00', 'the first of winter time'),
  session('2025-11-26', '14:30', '21:00', 'before Thanksgiving'),
  session('2025-11-28', '14:30', '18:00', 'a half day'),
  session('2025-12-01', '14:30', '21:00'),
];

const MINUTE_MS = 60_000;

/** One-minute bars of the sessions, the same each time: prices wander, and jump from one session to the next. */
export function writeBars(folder: string, sessions: readonly RecordedSession[]): string {
  const random = randomFrom(20_251_031);
  const lines = ['time,open,high,low,close,volume'];
  let open = 125;
  for (const { openMs, closeMs } of sessions) {
    open += (random() - 0.5) * 2;
    for (let endMs = openMs + MINUTE_MS; endMs <= closeMs; endMs += MINUTE_MS) {
      const close = open + (random() - 0.5) * 0.1;
      const high = Math.max(open, close) + random() * 0.03;
      const low = Math.min(open, close) - random() * 0.03;
      const prices = [open, high, low, close].map((price) => price.toFixed(2));
      lines.push([new Date(endMs).toISOString(), ...prices, 120_000].join(','));
      open = Number(prices[3]);
    }
  }
  const file = path.join(folder, 'sessions.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
