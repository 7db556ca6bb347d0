import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { BarSequence, type SequencedBar } from './bar-sequence';
import { EXCHANGE_MINUTES, MINUTE_MS, type SessionMinutes, until } from './minutes';

/** Minutes 0–9 are a session, 20–29 the next. */
const SESSIONS: SessionMinutes = {
  next(fromMs) {
    const minute = Math.ceil(fromMs / MINUTE_MS);
    const due = minute < 10 ? minute : minute < 20 ? 20 : minute < 30 ? minute : Number.POSITIVE_INFINITY;
    return due * MINUTE_MS;
  },
  sessionOf: (startMs) => (startMs < 10 * MINUTE_MS ? 0 : startMs >= 20 * MINUTE_MS ? 20 * MINUTE_MS : null),
};

const bar = (minute: number, close = 100n + BigInt(minute)): Bar => ({
  symbol: 'SPY',
  startMs: minute * MINUTE_MS,
  endMs: (minute + 1) * MINUTE_MS,
  open: close,
  high: close,
  low: close,
  close,
  volume: 5n,
});
const written = (bars: readonly SequencedBar[]) =>
  bars.map(({ bar: { startMs, close }, source }) => `${startMs / MINUTE_MS}${source === 'CLOCK' ? '=' : ':'}${close}`);
const start = (last: number | null = null) => new BarSequence(last === null ? null : bar(last), 0, SESSIONS);

describe('bars of a symbol', () => {
  test('go out in order as they come', () => {
    const sequence = start();
    const offer = (n: number) => {
      sequence.offer(bar(n));
      return written(sequence.release());
    };
    expect([0, 1, 2].map(offer)).toEqual([['0:100'], ['1:101'], ['2:102']]);
  });

  test('wait for one that is missing, until it comes', () => {
    const sequence = start(0);
    sequence.offer(bar(2));
    expect(sequence.release()).toEqual([]);
    expect([sequence.missing(0), sequence.lacks(0)]).toEqual([1, true]);
    sequence.offer(bar(1));
    expect(written(sequence.release())).toEqual(['1:101', '2:102']);
    expect(sequence.lacks(3 * MINUTE_MS)).toBe(false);
  });

  test('or until the source, asked, has none: then the last close stands for the minute, without volume', () => {
    const sequence = start(0);
    sequence.offer(bar(3));
    sequence.markAnswered(3 * MINUTE_MS);
    const out = sequence.release();
    expect(written(out)).toEqual(['1=100', '2=100', '3:103']);
    expect(out[0]?.bar).toMatchObject({ open: 100n, high: 100n, low: 100n, volume: 0n });
  });

  test('A23: a minute whose bar cannot be read is left out, and no price is invented until the next bar', () => {
    const sequence = start(0);
    sequence.offer(bar(4));
    sequence.markUnreadable(2 * MINUTE_MS + 59_999);
    sequence.markAnswered(6 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['1=100', '4:104', '5=104']);
  });

  test('A23: where it is not known which minute cannot be read, none is invented', () => {
    const sequence = start(0);
    sequence.offer(bar(3));
    sequence.markUnreadableBefore(5 * MINUTE_MS);
    sequence.markAnswered(6 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['3:103']);
    sequence.offer(bar(6));
    sequence.markAnswered(8 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['6:106', '7=106']);
  });

  test('A23: a bar that can be read after all takes its place', () => {
    const sequence = start(0);
    sequence.markUnreadable(MINUTE_MS);
    sequence.offer(bar(1));
    sequence.markAnswered(3 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['1:101', '2=101']);
  });

  test('are missed by the clock alone, when nothing comes at all', () => {
    const sequence = start(0);
    expect(sequence.lacks(MINUTE_MS * 2 - 1)).toBe(false);
    expect(sequence.lacks(MINUTE_MS * 2)).toBe(true);
    sequence.markAnswered(1 * MINUTE_MS + 1);
    expect(written(sequence.release())).toEqual(['1=100']);
    expect(sequence.lacks(MINUTE_MS * 2)).toBe(false);
  });

  test('a price is not carried from one session into the next, and a night is not asked for', () => {
    const sequence = start(9);
    expect([sequence.lacks(20 * MINUTE_MS), sequence.lacks(21 * MINUTE_MS)]).toEqual([false, true]);
    sequence.offer(bar(22));
    expect(sequence.missing(0)).toBe(2);
    sequence.markAnswered(22 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['22:122']);
  });

  test('outside sessions come as they come', () => {
    const sequence = start(9);
    sequence.offer(bar(12));
    sequence.offer(bar(20));
    expect(written(sequence.release())).toEqual(['12:112', '20:120']);
  });

  test('after the stream was away, one further on does not say that there is nothing before it: the source does', () => {
    const sequence = start(9);
    sequence.awaitAnswer();
    sequence.offer(bar(15));
    expect(sequence.release()).toEqual([]);
    sequence.offer(bar(12));
    sequence.markAnswered(14 * MINUTE_MS);
    expect(written(sequence.release())).toEqual(['12:112', '15:115']);
  });

  test('a repetition is known, another figure for a minute that is out is late', () => {
    const sequence = start();
    sequence.offer(bar(0));
    sequence.offer(bar(1));
    expect(sequence.offer(bar(1))).toBe('duplicate');
    sequence.release();
    expect([sequence.offer(bar(1)), sequence.offer(bar(1, 7n)), sequence.offer(bar(1, 7n))]).toEqual([
      'duplicate',
      'late',
      'duplicate',
    ]);
    expect(sequence.release()).toEqual([]);
  });

  test('once the venue says that it closed, no minute is due', () => {
    let closed: number | null = null;
    const sequence = new BarSequence(
      bar(0),
      0,
      until(SESSIONS, () => closed),
    );
    expect(sequence.lacks(5 * MINUTE_MS)).toBe(true);
    closed = MINUTE_MS;
    expect(sequence.lacks(5 * MINUTE_MS)).toBe(false);
    sequence.markAnswered(5 * MINUTE_MS);
    expect(sequence.release()).toEqual([]);
  });
});

test('what comes out is the same whatever of a session was lost or came twice, and whenever the source was asked', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { minLength: 1, maxLength: 30 });
  const fates = fc.array(fc.constantFrom('lost', 'twice', 'streamed', 'asked'), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(minutes, fates, (traded, fate) => {
      const ordered = [...traded].sort((a, b) => a - b);
      const askUpTo = (sequence: BarSequence, last: number) => {
        for (const n of ordered.filter((each) => each <= last)) sequence.offer(bar(n));
        sequence.markAnswered(last * MINUTE_MS + 1);
        return written(sequence.release());
      };
      const disturbed = start();
      const out: string[] = [];
      for (const n of ordered) {
        const session = n < 10 || n >= 20;
        if (fate[n] === 'asked') out.push(...askUpTo(disturbed, n));
        else if (fate[n] !== 'lost' || !session) disturbed.offer(bar(n));
        if (fate[n] === 'twice') disturbed.offer(bar(n));
        out.push(...written(disturbed.release()));
      }
      out.push(...askUpTo(disturbed, 29));
      expect(out).toEqual(askUpTo(start(), 29));
    }),
  );
});

test('the exchange’s minutes are those of its sessions', () => {
  const friday = Date.parse('2026-01-02T20:59:00Z');
  expect(EXCHANGE_MINUTES.next(friday)).toBe(friday);
  expect(EXCHANGE_MINUTES.next(friday + 1)).toBe(Date.parse('2026-01-05T14:30:00Z'));
  expect(EXCHANGE_MINUTES.sessionOf(friday)).toBe(Date.parse('2026-01-02T14:30:00Z'));
  expect(EXCHANGE_MINUTES.sessionOf(friday + MINUTE_MS)).toBeNull();
});
