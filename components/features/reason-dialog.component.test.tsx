import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { renderConsole } from '@/test-support/render-console';
import { ReasonDialog } from './reason-dialog';

const noop = () => undefined;

function dialog(onSubmit: (reason: string) => Promise<{ ok: true } | { ok: false; message: string }>, onClose = noop) {
  return (
    <ReasonDialog
      open
      title="Cancel this order"
      confirm="Cancel order"
      testId="d"
      onClose={onClose}
      onSubmit={onSubmit}
    >
      <p>4 of 10 SPY are still open.</p>
    </ReasonDialog>
  );
}

describe('a form dialog', () => {
  it('has a name, starts in its first field, and describes it', () => {
    renderConsole(dialog(async () => ({ ok: true })));
    expect(screen.getByRole('dialog', { name: 'Cancel this order' }).textContent).toContain('4 of 10 SPY');
    const reason = screen.getByRole('textbox', { name: 'Reason' });
    expect(document.activeElement).toBe(reason);
    expect(document.getElementById(reason.getAttribute('aria-describedby') ?? '')?.textContent).toContain(
      '3 characters',
    );
  });

  it('says what is wrong with a value, sends nothing, and returns to the field', async () => {
    const onSubmit = vi.fn();
    renderConsole(dialog(onSubmit));
    await userEvent.type(screen.getByTestId('d-reason'), ' a ');
    await userEvent.click(screen.getByTestId('d-confirm'));
    expect(await screen.findByText('Give a reason of at least 3 characters.')).toBeTruthy();
    expect(screen.getByTestId('d-reason').getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(screen.getByTestId('d-reason'));
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it('sends the trimmed value once, and closes when the server accepts', async () => {
    const onClose = vi.fn();
    let accept = (_answer: { ok: true }): void => undefined;
    const onSubmit = vi.fn(() => new Promise<{ ok: true }>((resolve) => (accept = resolve)));
    renderConsole(dialog(onSubmit, onClose));
    await userEvent.type(screen.getByTestId('d-reason'), '  too late ');
    await userEvent.dblClick(screen.getByTestId('d-confirm'));
    await waitFor(() => expect(screen.getByTestId('d-confirm').textContent).toBe('Sending…'));
    accept({ ok: true });
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(onSubmit).toHaveBeenCalledExactlyOnceWith('too late');
  });

  it('stays open with what was typed when the server rejects, and when it does not respond', async () => {
    const onClose = vi.fn();
    const onSubmit = vi
      .fn<(reason: string) => Promise<{ ok: false; message: string }>>()
      .mockResolvedValueOnce({ ok: false, message: 'The order is already filled.' })
      .mockRejectedValueOnce(new TypeError('network'));
    renderConsole(dialog(onSubmit, onClose));
    await userEvent.type(screen.getByTestId('d-reason'), 'too late');
    await userEvent.click(screen.getByTestId('d-confirm'));
    await waitFor(() => expect(screen.getByTestId('d-problem').textContent).toBe('The order is already filled.'));
    expect(screen.getByTestId('d-reason')).toHaveProperty('value', 'too late');
    await userEvent.click(screen.getByTestId('d-confirm'));
    await waitFor(() => expect(screen.getByTestId('d-problem').textContent).toMatch(/server/i));
    expect(onClose).not.toHaveBeenCalled();
  });
});
