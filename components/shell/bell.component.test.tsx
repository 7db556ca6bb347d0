import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { renderConsole } from '@/test-support/render-console';
import { markAlertsSeen, raiseAlert } from './alerts';
import { Bell } from './bell';

const AT = '2026-01-05T15:00:00.000Z';
const noOpenAlerts = { 'system.alerts': () => ({ rows: [], next: null }) };

beforeEach(() => {
  localStorage.clear();
  act(markAlertsSeen);
});

function raise(id: string): void {
  act(() => void raiseAlert({ id, title: `Approval ${id}`, detail: 'BUY 1 AAPL', href: `/approvals/${id}`, at: AT }));
}

describe('Bell', () => {
  it('counts new alerts, lists them, and clears the count when it is opened', async () => {
    renderConsole(<Bell />, { server: noOpenAlerts });
    expect(screen.queryByRole('dialog')).toBeNull();
    raise('one');
    raise('two');
    raise('two');
    const button = screen.getByRole('button', { name: 'Alerts, 2 new' });
    fireEvent.click(button);
    const list = await screen.findByRole('dialog', { name: 'Alerts' });
    expect(
      within(list)
        .getByRole('link', { name: /Approval two/ })
        .getAttribute('href'),
    ).toBe('/approvals/two');
    expect(within(list).getByText('No open alerts.')).toBeTruthy();
    expect(screen.getByTestId('bell').getAttribute('aria-label')).toBe('Alerts');
  });

  it('lists an alert that is open on the server once, and the open breaks', async () => {
    const row = { id: 'three', kind: 'WORKER_DOWN', message: 'no heartbeat', openedAt: AT, resolvedAt: null };
    renderConsole(<Bell />, {
      status: { alerts: { open: 1, newest: null }, openBreaks: 2 },
      server: { 'system.alerts': () => ({ rows: [row], next: null }) },
    });
    raise('three');
    fireEvent.click(screen.getByRole('button', { name: 'Alerts, 1 open, 1 new' }));
    const open = within(await screen.findByRole('region', { name: 'Open' }));
    expect((await open.findByTestId('open-alert')).textContent).toContain('no heartbeat');
    expect(open.getByRole('link', { name: /2 reconciliation breaks/ }).getAttribute('href')).toBe('/reconciliation');
    expect(screen.queryByText('Approval three')).toBeNull();
  });

  it('closes on Escape and returns focus to the button', async () => {
    renderConsole(<Bell />, { server: noOpenAlerts });
    fireEvent.click(screen.getByTestId('bell'));
    fireEvent.keyDown(await screen.findByRole('dialog', { name: 'Alerts' }), { key: 'Escape' });
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('bell')));
  });

  it('keeps desktop notifications off without permission', async () => {
    renderConsole(<Bell />, { server: noOpenAlerts });
    fireEvent.click(screen.getByTestId('bell'));
    const box = await screen.findByRole('checkbox', { name: 'Desktop notification for a new approval' });
    fireEvent.click(box);
    await waitFor(() => expect(localStorage.getItem('countersign.preferences')).toContain('"notify":false'));
    expect(box).toHaveProperty('checked', false);
  });
});
