import { groupRequests } from '@/components/features/approvals/groups';
import { causeLabel, symbolLabel } from '@/components/features/reconciliation/causes';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Overview } from '@/components/trpc/types';

/** Something that needs the operator. */
export interface AttentionItem {
  readonly key: string;
  readonly rank: number;
  readonly glyph: string;
  readonly tone: 'danger' | 'warn';
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  readonly expiresAt: string | null;
}

const UNCERTAIN_DETAIL = 'not confirmed by the broker';

/** The broker's reason, where it stated one. */
function orderDetail({ status, rejectReason, cancelFault }: Overview['troubledOrders'][number]): string {
  if (status === 'CANCEL_PENDING' && cancelFault !== null) return `cancel rejected: ${cancelFault}`;
  return rejectReason ?? ORDER_STATUS[status].hint.toLowerCase();
}

/** Breaks first, then unconfirmed orders, approvals by trade and expiry, and rejected orders or pending cancels. */
export function attentionItems(
  overview: Pick<Overview, 'approvals' | 'breaks' | 'troubledOrders'>,
  nowMs: number,
): readonly AttentionItem[] {
  const breaks = overview.breaks.map((row) => ({
    key: row.id,
    rank: 0,
    glyph: '≠',
    tone: 'danger' as const,
    title: `Reconciliation break in ${symbolLabel(row.symbol)}`,
    detail: causeLabel(row.cause).toLowerCase(),
    href: `/reconciliation/breaks/${row.id}`,
    expiresAt: null,
  }));
  const orders = overview.troubledOrders.map((order) => {
    const uncertain = order.flags.includes('SUBMIT_UNCERTAIN');
    return {
      key: order.id,
      rank: uncertain ? 1 : 3,
      glyph: ORDER_STATUS[order.status].glyph,
      tone: uncertain ? ('danger' as const) : ('warn' as const),
      title: `${order.side} ${order.symbol}: ${uncertain ? 'unconfirmed' : ORDER_STATUS[order.status].label.toLowerCase()}`,
      detail: uncertain ? UNCERTAIN_DETAIL : orderDetail(order),
      href: `/orders/${order.id}`,
      expiresAt: null,
    };
  });
  const waiting = overview.approvals.filter((approval) => Date.parse(approval.expiresAt) > nowMs);
  const approvals = groupRequests(waiting).flatMap(({ requests: [newest, ...older] }) =>
    newest === undefined
      ? []
      : [
          {
            key: newest.id,
            rank: 2,
            glyph: '◇',
            tone: 'warn' as const,
            title: `Approve ${newest.side} ${newest.symbol}`,
            detail: [...newest.codes, ...(older.length === 0 ? [] : [`${older.length} older`])].join(', '),
            href: `/approvals/${newest.id}`,
            expiresAt: newest.expiresAt,
          },
        ],
  );
  return [...breaks, ...orders, ...approvals].sort(
    (a, b) => a.rank - b.rank || (a.expiresAt ?? '').localeCompare(b.expiresAt ?? ''),
  );
}
