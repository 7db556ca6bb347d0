import { describe, expect, it } from 'vitest';
import { defaultWindow } from './default-window';

describe('defaultWindow', () => {
  const wednesday = Date.parse('2026-11-25T17:00:00Z');

  it('is on the next session: Thanksgiving is none', () => {
    expect(defaultWindow('FOMC', wednesday)).toEqual({ from: '2026-11-27T13:45', to: '2026-11-27T15:30' });
  });

  it('spans the night, and the weekend, for earnings', () => {
    expect(defaultWindow('EARNINGS', wednesday)).toEqual({ from: '2026-11-27T15:30', to: '2026-11-30T10:00' });
  });

  it('is today before the open', () => {
    expect(defaultWindow('ECONOMIC', Date.parse('2026-11-25T11:00:00Z')).from).toBe('2026-11-25T08:15');
  });
});
