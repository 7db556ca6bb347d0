import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { ApprovalDetail } from '@/components/trpc/types';
import { approvalRow } from '@/test-support/console-rows';
import { renderConsole } from '@/test-support/render-console';
import { Decision } from './decision';

const ID = '00000000-0000-4000-8000-000000000001';
const ORDER = '00000000-0000-4000-8000-000000000002';
const AT = new Date().toISOString();

const detail: ApprovalDetail = {
  approval: approvalRow({
    id: ID,
    qty: '4',
    orderType: 'LIMIT',
    limitPrice: '101.5',
    notional: '406',
    createdAt: AT,
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
  }),
  shownHash: 'hash-of-what-is-shown',
  referencePrice: '101',
  exposureAfter: '0.05',
  goodTill: null,
  reason: null,
  signal: null,
  evaluationId: ID,
  policyVersion: 1,
  approvedSizePct: '0.01',
  reasons: [],
  memo: null,
  withoutMemo: null,
  quote: null,
  position: null,
  refusals: [],
};

const dialog = (name: string) => screen.getByTestId(name);

describe('deciding on an approval', () => {
  it('approves what was shown, once, and links to the order', async () => {
    const approve = vi.fn(() => ({ ok: true, orderId: ORDER }));
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.approve': approve } });
    await userEvent.click(screen.getByTestId('approve'));
    expect(dialog('approve-dialog').textContent).toMatch(/BUY 4 SPY.*Limit 101\.50.*DAY.*\$406\.00/);
    await userEvent.dblClick(screen.getByTestId('approve-confirm'));
    const link = await screen.findByRole('link', { name: 'View order' });
    expect(link.getAttribute('href')).toBe(`/orders/${ORDER}`);
    expect(approve).toHaveBeenCalledExactlyOnceWith({ id: ID, shownHash: detail.shownHash });
  });

  it('A-6: approves less: fewer shares and a tighter limit, never more', async () => {
    const approve = vi.fn(() => ({ ok: true, orderId: ORDER }));
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.approve': approve } });
    await userEvent.click(screen.getByTestId('approve-less'));
    const [qty, limit] = [await screen.findByTestId('less-qty'), screen.getByTestId('less-limit')];
    const confirm = screen.getByTestId('approve-less-confirm');
    expect(confirm).toHaveProperty('disabled', true);
    await userEvent.clear(qty);
    await userEvent.type(qty, '5');
    expect(dialog('approve-less-dialog').textContent).toContain('At most 4.');
    expect(confirm).toHaveProperty('disabled', true);
    await userEvent.clear(qty);
    await userEvent.type(qty, '2{Enter}');
    await userEvent.clear(limit);
    await userEvent.type(limit, '101.25');
    expect(approve).not.toHaveBeenCalled();
    await userEvent.click(confirm);
    await screen.findByRole('link', { name: 'View order' });
    const less = { qty: '2', limitPrice: '101.25' };
    expect(approve).toHaveBeenCalledExactlyOnceWith({ id: ID, shownHash: detail.shownHash, less });
  });

  it('A-9: asks for the password when the server wants it, and sends it once more with it', async () => {
    const approve = vi
      .fn()
      .mockReturnValueOnce({ ok: false, code: 'STEP_UP_NEEDED', message: 'Enter your password.', reasons: [] })
      .mockReturnValue({ ok: true, orderId: ORDER });
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.approve': approve } });
    await userEvent.click(screen.getByTestId('approve'));
    expect(screen.queryByTestId('approve-password')).toBeNull();
    await userEvent.click(screen.getByTestId('approve-confirm'));
    await screen.findByText('Enter your password.');
    await userEvent.click(screen.getByTestId('approve'));
    expect(screen.getByTestId('approve-confirm')).toHaveProperty('disabled', true);
    await userEvent.type(screen.getByTestId('approve-password'), 'a good long password');
    await userEvent.click(screen.getByTestId('approve-confirm'));
    await screen.findByRole('link', { name: 'View order' });
    expect(approve).toHaveBeenLastCalledWith({ id: ID, shownHash: detail.shownHash, password: 'a good long password' });
  });

  it('never approves by Enter', async () => {
    const approve = vi.fn();
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.approve': approve } });
    await userEvent.click(screen.getByTestId('approve'));
    screen.getByTestId('approve-confirm').focus();
    await userEvent.keyboard('{Enter}');
    expect(approve).not.toHaveBeenCalled();
    expect(screen.getByTestId('approve-confirm')).toBeTruthy();
  });

  it('rejects with a reason', async () => {
    const reject = vi.fn(() => ({ ok: true }));
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.reject': reject } });
    await userEvent.click(screen.getByTestId('reject'));
    await userEvent.type(await screen.findByTestId('reject-reason'), 'not convinced');
    await userEvent.click(screen.getByTestId('reject-confirm'));
    await waitFor(() => expect(screen.getByTestId('decide-outcome').textContent).toBe('Rejected. Nothing was sent.'));
    expect(reject).toHaveBeenCalledExactlyOnceWith({ id: ID, reason: 'not convinced' });
  });

  it('shows why the server rejected the approval, with the rules', async () => {
    const hit = { code: 'TRADING_HALTED', tier: 'REJECT', observed: 'HALTED', threshold: 'ACTIVE', message: 'halted' };
    renderConsole(<Decision detail={detail} open />, {
      server: {
        'approvals.approve': () => ({ ok: false, code: 'REJECTED', message: 'Rejected by policy.', reasons: [hit] }),
      },
    });
    await userEvent.click(screen.getByTestId('approve'));
    await userEvent.click(screen.getByTestId('approve-confirm'));
    const rules = await screen.findByTestId('flipped-rules');
    expect(within(rules).getByText('TRADING_HALTED')).toBeTruthy();
    expect(screen.getByTestId('decide-outcome').textContent).toContain('Rejected by policy.');
  });

  it('A-5: cannot be approved while the gate would refuse it, and says which rules would', async () => {
    const hit = { code: 'TRADING_HALTED', tier: 'REJECT', observed: 'HALTED', threshold: 'ACTIVE', message: 'halted' };
    renderConsole(<Decision detail={detail} open />, {
      server: { 'approvals.check': () => ({ ok: false, code: 'POLICY', message: 'Refused.', reasons: [hit] }) },
    });
    const notice = await screen.findByTestId('would-be-refused');
    expect(notice.textContent).toContain('Would be refused now: TRADING_HALTED');
    for (const id of ['approve', 'approve-less']) expect(screen.getByTestId(id)).toHaveProperty('disabled', true);
    expect(screen.getByTestId('reject')).toHaveProperty('disabled', false);
    await userEvent.keyboard('a');
    expect(screen.getByTestId('approve-dialog')).toHaveProperty('open', false);
  });

  it('can be approved where the gate would place it now', async () => {
    const check = vi.fn(() => ({ ok: true, checkedAt: AT, exposureAfter: '0.05' }));
    renderConsole(<Decision detail={detail} open />, { server: { 'approvals.check': check } });
    await waitFor(() => expect(check).toHaveBeenCalledWith({ id: ID }));
    expect(screen.getByTestId('approve')).toHaveProperty('disabled', false);
    expect(screen.queryByTestId('would-be-refused')).toBeNull();
  });

  it('claims nothing when the request failed', async () => {
    renderConsole(<Decision detail={detail} open />);
    await userEvent.click(screen.getByTestId('approve'));
    await userEvent.click(screen.getByTestId('approve-confirm'));
    await waitFor(() =>
      expect(screen.getByTestId('decide-outcome').textContent).toContain('The decision may not have been recorded'),
    );
  });

  it('does not let a viewer decide', () => {
    renderConsole(<Decision detail={detail} open />, { role: 'VIEWER' });
    expect(screen.getByTestId('approve')).toHaveProperty('disabled', true);
    expect(screen.getByTestId('reject')).toHaveProperty('disabled', true);
  });

  it('shows the decision once there is one', () => {
    const expired = { ...detail, approval: { ...detail.approval, status: 'EXPIRED' as const } };
    renderConsole(<Decision detail={expired} open={false} />);
    expect(screen.queryByTestId('approve')).toBeNull();
    expect(screen.getByTestId('approval-decided').textContent).toBe('Expired undecided. Nothing was sent.');
  });
});
