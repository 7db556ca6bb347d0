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
