import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderConsole } from '@/test-support/render-console';
import { ResultPanel } from './result-panel';

const ID = '00000000-0000-4000-8000-000000000001';
const RESULT = {
  arrivalPrice: '100',
  slippageBps: '12.5',
  toFirstFillMs: 340,
  position: {
    profit: '-12.5',
    heldQty: '3',
    openProfit: '4.2',
    matches: [
      {
        orderId: ID,
        role: 'CLOSED' as const,
        qty: '2',
        openPrice: '100.1',
        closePrice: '93.85',
        profit: '-12.5',
        openedAt: '2026-01-05T15:00:00.000Z',
        closedAt: '2026-01-05T15:10:00.000Z',
      },
    ],
  },
};

it('says what an order earned, what is open, and what slippage cost', () => {
  renderConsole(<ResultPanel result={RESULT} />);
  const text = screen.getByTestId('order-result').textContent ?? '';
  for (const part of ['−12.50', '3 shares', '+4.20', '12.5 bp worse', '340 ms']) expect(text).toContain(part);
  expect(screen.getByRole('link', { name: /that closed the shares/ }).getAttribute('href')).toBe(`/orders/${ID}`);
});

it('says why it cannot know, and that a better price is better', () => {
  renderConsole(<ResultPanel result={{ ...RESULT, slippageBps: '-3', position: null }} />);
  const text = screen.getByTestId('order-result').textContent ?? '';
  expect(text).toContain('3.0 bp better');
  expect(text).toContain('something other than fills');
});

it('waits for the first fill', () => {
  render(<ResultPanel result={null} />);
  expect(screen.getByText('No result before the first fill')).toBeTruthy();
});
