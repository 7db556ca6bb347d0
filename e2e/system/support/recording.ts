import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { haveShared, sharedFile } from '@/test-support/shared';
import { randomFrom } from './random';

const SHARED_FILE = sharedFile('data/spy-minute-2011-01/nt-spy-minute-2011.csv');
/** A session of the exchange, in UTC: Monday, 3 January 2011, 9:30 to 16:00 in New York. */
const SESSION_OPEN = Date.parse('2011-01-03T14:30:00.000Z');
const SESSION_MINUTES = 390;
const MINUTE_MS = 60_000;

export interface RecordedMinute {
  /** Epoch ms of the minute's start, market time. */
  readonly startMs: number;
  readonly low: number;
  readonly high: number;
}

export interface Recording {
  readonly file: string;
  /** What it is, for the figures. */
  readonly what: string;
  /** By start. */
  readonly minutes: ReadonlyMap<number, RecordedMinute>;
}

const label = (endMs: number) =>
  new Date(endMs).toISOString().replace(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+).*$/, '$1$2$3 $4$5$6');

/** A session that wanders from 126 dollars, in the format of the shared recording: the same each time. */
function syntheticText(): string {
  const random = randomFrom(20_110_103);
  const lines: string[] = [];
  let open = 126;
  for (let minute = 1; minute <= SESSION_MINUTES; minute += 1) {
    const close = Math.max(50, open + (random() - 0.5) * 0.2);
    const high = Math.max(open, close) + random() * 0.05;
    const low = Math.min(open, close) - random() * 0.05;
    const prices = [open, high, low, close].map((price) => price.toFixed(2));
    lines.push([label(SESSION_OPEN + minute * MINUTE_MS), ...prices, 10_000 + minute].join(';'));
    open = Number(prices[3]);
  }
  return `${lines.join('\n')}\n`;
}

function readMinutes(text: string): Map<number, RecordedMinute> {
  const minutes = new Map<number, RecordedMinute>();
  for (const line of text.trim().split('\n')) {
    const [at = '', , high, low] = line.split(';');
    const endMs = Date.parse(at.replace(/^(\d{4})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})$/, '$1-$2-$3T$4:$5:$6.000Z'));
    minutes.set(endMs - MINUTE_MS, { startMs: endMs - MINUTE_MS, low: Number(low), high: Number(high) });
  }
  return minutes;
}

/** The shared recording of SPY where it is there, else a synthetic one written to `folder`. */
export function openRecording(folder: string): Recording {
  if (haveShared) {
    return { file: SHARED_FILE, what: 'SPY, January 2011', minutes: readMinutes(readFileSync(SHARED_FILE, 'utf8')) };
  }
  const file = path.join(folder, 'synthetic.txt');
  const text = syntheticText();
  writeFileSync(file, text);
  return { file, what: 'synthetic (there is no ../shared)', minutes: readMinutes(text) };
}
