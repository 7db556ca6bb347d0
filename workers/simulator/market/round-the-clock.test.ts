import { describe, expect, it } from 'vitest';
import { RoundTheClockSessions } from './round-the-clock';

const sessions = new RoundTheClockSessions();
const at = (text: string): number => Date.parse(text);

describe('a market that never closes', () => {
  it('ends its day at midnight in New York, summer and winter, and begins the next at once', () => {
    expect(sessions.nextClose(at('2026-01-10T12:00:00Z'))).toBe(at('2026-01-11T05:00:00Z'));
    expect(sessions.nextClose(at('2026-07-10T12:00:00Z'))).toBe(at('2026-07-11T04:00:00Z'));
    expect(sessions.nextClose(at('2026-01-11T05:00:00Z'))).toBe(at('2026-01-12T05:00:00Z'));
    expect(sessions.nextOpen(at('2026-01-10T12:00:00Z'))).toBe(at('2026-01-11T05:00:00Z'));
  });

  it('has days of 23 and 25 hours when the clocks change', () => {
    const hours = sessions.between('2026-03-07', '2026-03-09').map((day) => (day.closeMs - day.openMs) / 3_600_000);
    expect(hours).toEqual([24, 23, 24]);
    const [autumn] = sessions.between('2026-11-01', '2026-11-01');
    expect(autumn).toEqual({
      date: '2026-11-01',
      openMs: at('2026-11-01T04:00:00Z'),
      closeMs: at('2026-11-02T05:00:00Z'),
    });
  });
});
