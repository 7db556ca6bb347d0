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

  it('names the command line when the server does not respond', async () => {
    renderConsole(<KillDialog open onClose={noop} />, {
      server: {
        'trading.halt': () => {
          throw new TypeError('network');
        },
      },
    });
    await userEvent.click(screen.getByTestId('kill-halt'));
    await waitFor(() => expect(screen.getByTestId('kill-result').textContent).toContain('npx countersign halt'));
  });

  it('lets a viewer see it, but not use it', () => {
    renderConsole(<KillDialog open onClose={noop} />, { role: 'VIEWER' });
    for (const id of ['kill-halt', 'kill-reduce', 'kill-flatten']) {
      expect(screen.getByTestId(id)).toHaveProperty('disabled', true);
    }
    expect(screen.getByTestId('no-permission').textContent).toContain('operator');
  });
});
