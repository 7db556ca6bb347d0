import { APPROVAL_STATUS } from '@/components/status/approvals';
import type { ApprovalDetail } from '@/components/trpc/types';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';

/** Who decided, when and why, and the order it became. */
export function Decided({ detail }: { readonly detail: ApprovalDetail }) {
  const { approval } = detail;
  return (
    <div className="border-y border-border bg-sunken px-3 py-2" data-testid="approval-decided">
      {approval.decidedAt === null ? (
        <p>Nobody decided in time: that means no. Nothing was sent.</p>
      ) : (
        <p>
          {APPROVAL_STATUS[approval.status].label} by {approval.decidedBy ?? 'the system'} at{' '}
          <Moment iso={approval.decidedAt} /> ET
          {detail.reason !== null && detail.reason !== '' && <>: “{detail.reason}”</>}{' '}
          {approval.orderId !== null && (
            <Link href={`/orders/${approval.orderId}`} className="text-primary underline" data-testid="approval-order">
              Its order
            </Link>
          )}
        </p>
      )}
    </div>
  );
}
