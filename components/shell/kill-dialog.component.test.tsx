import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { renderConsole, statusOf } from '@/test-support/render-console';
import { KillDialog } from './kill-dialog';

const halted = { ok: true, view: { ...statusOf().trading, state: 'HALTED' } };
const noop = () => undefined;

describe('the halt dialog', () => {
  it('focuses Halt, and one press of Enter halts without typing', async () => {
    const halt = vi.fn(() => halted);
    renderConsole(<KillDialog open onClose={noop} />, { server: { 'trading.halt': halt } });
    expect(document.activeElement).toBe(screen.getByTestId('kill-halt'));
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(screen.getByTestId('kill-result').textContent).toContain('Halt requested'));
    expect(halt).toHaveBeenCalledExactlyOnceWith({ reason: '' });
  });

  it('sends one halt however often it is clicked', async () => {
    let answer: (value: unknown) => void = noop;
    const halt = vi.fn(() => new Promise((resolve) => (answer = resolve)));
    renderConsole(<KillDialog open onClose={noop} />, { server: { 'trading.halt': halt } });
    await userEvent.dblClick(screen.getByTestId('kill-halt'));
    await waitFor(() => expect(halt).toHaveBeenCalledOnce());
    expect(screen.getByTestId('kill-halt').textContent).toBe('Halting…');
    answer(halted);
    await screen.findByTestId('kill-result');
    expect(halt).toHaveBeenCalledOnce();
  });

  it('flattens only once FLATTEN is typed', async () => {
    const flatten = vi.fn(() => ({ ok: true, exitIds: ['a', 'b'] }));
    renderConsole(<KillDialog open onClose={noop} />, {
      server: { 'trading.halt': () => halted, 'trading.flatten': flatten },
    });
    const button = screen.getByTestId('kill-flatten');
    expect(button).toHaveProperty('disabled', true);
    await userEvent.type(screen.getByTestId('kill-flatten-text'), 'FLATTEN');
    expect(button).toHaveProperty('disabled', false);
    await userEvent.click(button);
    await waitFor(() =>
      expect(screen.getByTestId('kill-result').textContent).toBe('Halted. 2 positions are being closed.'),
    );
    expect(flatten).toHaveBeenCalledExactlyOnceWith({ reason: 'flatten from the kill dialog', confirm: 'FLATTEN' });
  });

  it('names the command line when the server does not respond, and keeps trying until it does', async () => {
    const halt = vi.fn((): unknown => {
      if (halt.mock.calls.length === 1) throw new TypeError('network');
      return halted;
    });
    renderConsole(<KillDialog open onClose={noop} />, { server: { 'trading.halt': halt } });
    await userEvent.click(screen.getByTestId('kill-halt'));
    await waitFor(() => expect(screen.getByTestId('kill-result').textContent).toContain('npx countersign halt'));
    await waitFor(() => expect(screen.getByTestId('kill-result').textContent).toContain('Halt requested'), {
      timeout: 20_000,
    });
    expect(halt).toHaveBeenCalledTimes(2);
  });

  it('offers a way out when an answer is missing for seconds', async () => {
    const halt = () => new Promise(() => undefined);
    renderConsole(<KillDialog open onClose={noop} />, { server: { 'trading.halt': halt } });
    await userEvent.click(screen.getByTestId('kill-halt'));
    const result = await screen.findByTestId('kill-result', {}, { timeout: 20_000 });
    expect(result.textContent).toMatch(/No answer yet.*npx countersign halt.*halt --direct/);
    expect(screen.getByTestId('kill-halt').textContent).toBe('Halting…');
  });

  it('says before what a halt cancels and what it keeps', async () => {
    const positions = [{ qty: '10', marketValue: '2398' }];
    renderConsole(<KillDialog open onClose={noop} />, {
      server: { 'system.overview': () => ({ workingOrders: 54 }), 'portfolio.get': () => ({ positions }) },
    });
    await screen.findByText('Sends nothing more. Cancels 54 open orders; keeps 1 position ($2,398.00).');
  });

  it('lets a viewer see it, but not use it', () => {
    renderConsole(<KillDialog open onClose={noop} />, { role: 'VIEWER' });
    for (const id of ['kill-halt', 'kill-reduce', 'kill-flatten']) {
      expect(screen.getByTestId(id)).toHaveProperty('disabled', true);
    }
    expect(screen.getByTestId('no-permission').textContent).toContain('operator');
  });
});
