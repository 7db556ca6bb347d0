import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { setStreamState } from '@/components/live/stream-state';
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

  it('P-14: names each cause of reduced trading with what ends it, and offers the release', () => {
    const cause = { state: 'REDUCING' as const, openedBy: 'system (limits)', openedAt: AT };
    const causes = [
      { ...cause, cause: 'DRAWDOWN' as const, reason: 'down 3.1%', untilNextSession: true },
      { ...cause, cause: 'OVERFILL' as const, reason: '11 of 10 filled', untilNextSession: false },
    ];
    renderConsole(<Banners />, { status: { trading: { ...statusOf().trading, state: 'REDUCING', causes } } });
    const banner = screen.getByTestId('banner-reducing');
    expect(banner.textContent).toMatch(/^REDUCING.*Only orders that reduce positions are sent/);
    expect(
      within(banner)
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual([
      expect.stringMatching(/^Daily drawdown limit: down 3.1%.*Ended by a release, or by the next session's open/),
      expect.stringMatching(/^Overfilled order: 11 of 10 filled.*Ended by a release$/),
    ]);
    expect(within(banner).getByRole('button', { name: 'Release…' })).toBeTruthy();
  });

  it('P-14: a halt for more than a person names its causes', () => {
    const causes = [
      {
        cause: 'DAILY_LOSS' as const,
        state: 'HALTED' as const,
        reason: 'lost $50',
        openedBy: 'system (limits)',
        openedAt: AT,
        untilNextSession: false,
      },
    ];
    renderConsole(<Banners />, { status: { trading: { ...statusOf().trading, state: 'HALTED', causes } } });
    expect(within(screen.getByTestId('banner-halted')).getByRole('listitem').textContent).toMatch(
      /^Daily loss limit: lost \$50.*Ended by a release$/,
    );
  });

  it('says since when the console has been cut off, and how to stop trading without it', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse(AT) });
    setStreamState('down');
    renderConsole(<Banners />);
    expect(screen.queryByTestId('banner-cut-off')).toBeNull();
    await vi.advanceTimersByTimeAsync(4_000);
    const banner = await screen.findByTestId('banner-cut-off');
    expect(banner.textContent).toMatch(/CONSOLE CUT OFF.*since 10:00:00 ET.*npx countersign halt/);
    setStreamState('live');
    await waitFor(() => expect(screen.queryByTestId('banner-cut-off')).toBeNull());
    vi.useRealTimers();
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
