import { formatQty, NONE } from '@/components/format/number';
import { AGREEMENT } from '@/components/status/execution';
import { ORDER_STATUS } from '@/components/status/orders';
import type { Order, Reconciliation } from '@/components/trpc/types';
import { Badge, SideBadge, StatusBadge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState } from '@/components/ui/states';

type Line = Reconciliation['orders'][number];

/** Orders that either side works, and those that a break is about. */
export function OrderLinesPanel({ reconciliation }: { readonly reconciliation: Reconciliation }) {
  const { orders, ordersTotal } = reconciliation;
  const count = orders.length < ordersTotal ? `${orders.length} of ${ordersTotal}` : `${ordersTotal}`;
  return (
    <Panel
      title="Working orders, both sides"
      testId="order-lines"
      aside={<span className="num text-12 text-muted">{count}</span>}
    >
      {orders.length === 0 ? (
        <EmptyState title="Nothing works on either side">
          Orders are listed while they work or a break is open.
        </EmptyState>
      ) : (
        <ScrollBox label="Working orders" className="max-h-[420px]">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Symbol</th>
                <th scope="col">Order</th>
                <th scope="col">Ours</th>
                <th scope="col">Broker's</th>
                <th scope="col">Agreement</th>
              </tr>
            </thead>
            <tbody>
              {orders.map((line) => (
                <OrderRow key={line.order?.id ?? line.breakId} line={line} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Panel>
  );
}

/** Where no break says otherwise, the broker holds what we do, as of the last round. */
function brokerText({ agreement, theirs, externalOrderId }: Line): string {
  if (agreement === 'DIFFERS') {
    const words = Object.entries(theirs ?? {}).flatMap(([name, value]) =>
      /id$/i.test(name) || typeof value === 'object' ? [] : [`${name.replaceAll('_', ' ')} ${String(value)}`],
    );
    return words.length === 0 ? 'does not have it' : words.join(' · ');
  }
  if (agreement === 'AGREED') return 'the same';
  return externalOrderId === null ? NONE : 'asked by the next round';
}

function OrderRow({ line }: { readonly line: Line }) {
  const badge = <StatusBadge display={AGREEMENT[line.agreement]} />;
  return (
    <tr data-testid="order-line" data-agreement={line.agreement}>
      <td className="font-semibold">{line.symbol}</td>
      {line.order === null ? (
        <>
          <td>
            <Badge tone="warn">at the broker only</Badge>
          </td>
          <td className="text-muted">{NONE}</td>
        </>
      ) : (
        <OurCells order={line.order} />
      )}
      <td className="num text-12 text-muted">{brokerText(line)}</td>
      <td>{line.breakId === null ? badge : <Link href={`/reconciliation/breaks/${line.breakId}`}>{badge}</Link>}</td>
    </tr>
  );
}

function OurCells({ order }: { readonly order: Order }) {
  return (
    <>
      <td>
        <span className="flex items-center gap-2">
          <SideBadge side={order.side} />
          <span className="num">{formatQty(order.qty)}</span>
          <Link href={`/orders/${order.id}`} className="text-primary hover:underline">
            <ShortId id={order.id} />
            <span className="sr-only">, the whole story</span>
          </Link>
          {order.kind !== 'GATED' && <Badge tone="warn">{order.kind.toLowerCase()}</Badge>}
        </span>
      </td>
      <td>
        <span className="flex items-center gap-2">
          <StatusBadge display={ORDER_STATUS[order.status]} />
          <span className="num text-12 text-muted">{formatQty(order.cumQty)} filled</span>
        </span>
      </td>
    </>
  );
}
