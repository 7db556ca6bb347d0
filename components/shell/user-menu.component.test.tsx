import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { renderConsole } from '@/test-support/render-console';
import { setTheme } from './theme';
import { UserMenu } from './user-menu';

afterEach(() => setTheme('system'));

function openMenu(): Promise<HTMLElement> {
  fireEvent.click(screen.getByRole('button', { name: 'Otto, Operator' }));
  return screen.findByRole('dialog', { name: 'Otto' });
}

describe('UserMenu', () => {
  it('shows the user, the address and the role', async () => {
    renderConsole(<UserMenu />);
    expect(screen.queryByRole('dialog')).toBeNull();
    const menu = await openMenu();
    expect(within(menu).getByText('otto@example.test · Operator')).toBeTruthy();
  });

  it('applies the chosen theme at once', async () => {
    renderConsole(<UserMenu />);
    const menu = within(await openMenu());
    expect(menu.getByRole('radio', { name: 'System' })).toHaveProperty('checked', true);
    fireEvent.click(menu.getByRole('radio', { name: 'Dark' }));
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(menu.getByRole('radio', { name: 'Dark' })).toHaveProperty('checked', true);
  });

  it('lists where the person is signed in, and ends every other session', async () => {
    const session = { createdAt: '2026-01-05T15:00:00.000Z', seenAt: '2026-01-05T15:10:00.000Z', agent: 'a browser' };
    const ended: string[] = [];
    renderConsole(<UserMenu />, {
      server: {
        'account.sessions': () => [
          { ...session, id: '0198f2a0-0000-4000-8000-000000000001', current: true, address: '192.0.2.1' },
          { ...session, id: '0198f2a0-0000-4000-8000-000000000002', current: false, address: '192.0.2.2' },
        ],
        'account.endOtherSessions': () => {
          ended.push('others');
          return { ended: 1 };
        },
      },
    });
    const menu = within(await openMenu());
    expect(await menu.findByText('192.0.2.2')).toBeTruthy();
    expect(menu.getByText('This browser')).toBeTruthy();
    fireEvent.click(menu.getByRole('button', { name: 'End 1 other' }));
    await waitFor(() => expect(ended).toEqual(['others']));
  });

  it('signs out once, with the token of the session', async () => {
    const requests: string[] = [];
    renderConsole(<UserMenu />);
    const inner = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const url = String(input);
      if (!url.startsWith('/api/auth')) return inner(input, init);
      requests.push(`${init?.method ?? 'GET'} ${url} ${init?.body ?? ''}`);
      return Response.json({ csrfToken: 'token-1' });
    };
    const menu = await openMenu();
    const button = within(menu).getByTestId('sign-out');
    fireEvent.click(button);
    fireEvent.click(button);
    expect(button).toHaveProperty('disabled', true);
    await waitFor(() =>
      expect(requests).toEqual(['GET /api/auth/csrf ', 'POST /api/auth/signout csrfToken=token-1&json=true']),
    );
  });
});
