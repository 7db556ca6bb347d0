import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderConsole, statusOf } from '@/test-support/render-console';
import { Banners } from './banners';

const AT = '2026-01-05T15:00:00.000Z';

describe('Banners', () => {
  it('shows none while all is well', () => {
    renderConsole(<Banners />);
    expect(screen.queryAllByRole('alert')).toEqual([]);
  });

  it('states who halted and why, warns until the halt is verified, and offers the release', () => {
    const halt = { id: 'h', requestedAt: AT, acknowledgedAt: AT, verifiedAt: null, progress: {} };
    const trading = { ...statusOf().trading, state: 'HALTED' as const, changedBy: 'ann', reason: 'runaway', halt };
    const { unmount } = renderConsole(<Banners />, { status: { trading } });
    const banner = screen.getByTestId('banner-halted');
    expect(banner.textContent).toMatch(/HALTING.*ann.*runaway.*orders may still be open at the broker/);
    expect(within(banner).getByRole('button', { name: 'Release…' })).toBeTruthy();
    unmount();
    renderConsole(<Banners />, { status: { trading: { ...trading, halt: { ...halt, verifiedAt: AT } } } });
    expect(screen.getByTestId('banner-halted').textContent).toMatch(/HALTED.*Verified: no open orders remain/);
  });

  it('states cause, consequence and remedy, in a fixed order', () => {
    const health = {
      state: 'KEYS_REFUSED' as const,
      since: AT,
      detail: '',
      breaker: null,
      tokensLeft: null,
      requestsPerMinute: null,
      stream: null,
      clockSkewMs: null,
    };
    renderConsole(<Banners />, {
      status: { workers: { alive: 0, newestBeatAt: null }, broker: health, openBreaks: 2 },
    });
    const [worker, broker, breaks] = screen.getAllByRole('alert').map((banner) => banner.textContent ?? '');
    expect(worker).toMatch(/WORKER DOWN.*Nothing is sent or reconciled. Start a worker; halting still works/);
    expect(broker).toMatch(/BROKER: KEYS REJECTED.*Nothing is sent.*Check BROKER_KEY_ID/);
    expect(breaks).toMatch(/RECONCILIATION BREAK2 breaks are open. Policy rejects orders in these symbols/);
    expect(screen.getAllByRole('link', { name: 'Show' }).map((link) => link.getAttribute('href'))).toEqual([
      '/system',
      '/system',
      '/reconciliation',
    ]);
  });
});
