import type { SignalRow } from '@/components/trpc/types';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { taskText } from './view';

/** A link to the signal's order, else to its approval, else how far it came. */
export function SignalOutcome({ row }: { readonly row: SignalRow }) {
  if (row.orderId !== null) {
    return (
      <Link href={`/orders/${row.orderId}`} className="text-primary hover:underline">
        order <ShortId id={row.orderId} />
      </Link>
    );
  }
  if (row.approvalId !== null) {
    return (
      <Link href={`/approvals/${row.approvalId}`} className="text-primary hover:underline">
        approval <ShortId id={row.approvalId} />
      </Link>
    );
  }
  const text = taskText(row.task);
  return (
    <span className="block max-w-56 truncate text-12 text-muted" title={text}>
      {text}
    </span>
  );
}
