import { describe, expect, it } from 'vitest';
import { ageSeconds, formatClock, formatCountdown, formatDuration, formatMoment } from './time';

describe('times', () => {
  it('shows New York time in winter and summer', () => {
    expect(formatClock(Date.parse('2026-01-05T19:32:07Z'))).toBe('14:32:07 ET');
    expect(formatClock(Date.parse('2026-07-06T18:32:07Z'))).toBe('14:32:07 ET');
  });

  it('adds the day for another market day', () => {
    const now = Date.parse('2026-01-05T20:00:00Z');
    expect(formatMoment('2026-01-05T19:32:07Z', now)).toBe('14:32:07');
    expect(formatMoment('2026-01-02T19:32:07Z', now)).toBe('2 Jan 14:32:07');
  });

  it.each([
    [-3, '0s'],
    [59.9, '59s'],
    [125, '2m 05s'],
    [11_220, '3h 07m'],
    [187_200, '2d 4h'],
  ])('shows %d seconds as %s', (seconds, shown) => {
    expect(formatDuration(seconds)).toBe(shown);
  });

  it.each([
    [900, '15:00'],
    [59.2, '1:00'],
    [1, '0:01'],
    [-5, '0:00'],
  ])('counts %d seconds down as %s', (seconds, shown) => {
    expect(formatCountdown(seconds)).toBe(shown);
  });

  it('never gives a negative age', () => {
    expect(ageSeconds('2026-01-05T15:00:10Z', Date.parse('2026-01-05T15:00:00Z'))).toBe(0);
  });
});
