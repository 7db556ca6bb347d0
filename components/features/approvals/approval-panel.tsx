'use client';

import { useQuery } from '@tanstack/react-query';
import { QuoteLine } from '@/components/features/quote-line';
import { formatAmount, formatPct, formatPrice, formatQty, NONE } from '@/components/format/number';
import { useNow } from '@/components/live/now';
import { APPROVAL_STATUS } from '@/components/status/approvals';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { ApprovalDetail } from '@/components/trpc/types';
import { SideBadge, StatusBadge } from '@/components/ui/badge';
import { Countdown } from '@/components/ui/countdown';
import { Fact } from '@/components/ui/panel';
import { ErrorState, LoadingRows } from '@/components/ui/states';
import { Background } from './background';
import { Decision } from './decision';
import { Exposure } from './exposure';
import { priceTerms, riskOf } from './terms';

interface ApprovalPanelProps {
  readonly id: string;
  readonly initial?: ApprovalDetail | undefined;
}

/** One approval: the order to be sent, the two decisions, and why it needs review. */
export function ApprovalPanel({ id, initial }: ApprovalPanelProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.approvals.get.queryOptions({ id }, initial?.approval.id === id ? { initialData: initial } : {}),
  );
  if (query.data === undefined) {
    return query.isError ? (
      <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />
    ) : (
      <LoadingRows rows={12} />
    );
  }
  return <PanelBody detail={query.data} />;
}

function PanelBody({ detail }: { readonly detail: ApprovalDetail }) {
  const { approval } = detail;
  const now = useNow();
  const open = approval.status === 'PENDING' && Date.parse(approval.expiresAt) > now;
  return (
    <article data-testid="approval-detail" data-approval-id={approval.id}>
      <Headline detail={detail} open={open} />
      <Facts detail={detail} open={open} />
      <Decision detail={detail} open={open} />
      <Background detail={detail} open={open} />
    </article>
  );
}

function Headline({ detail, open }: { readonly detail: ApprovalDetail; readonly open: boolean }) {
  const { approval } = detail;
  return (
    <header className="flex flex-wrap items-start justify-between gap-3 border-b border-border px-3 py-3">
      <div>
        <p className="text-12 text-muted">{open ? 'Order to be sent' : 'Order requested'}</p>
        <h2
          className="num mt-0.5 flex flex-wrap items-center gap-2 text-20 font-semibold"
          data-testid="approval-headline"
        >
          <SideBadge side={approval.side} /> {formatQty(approval.qty)} {approval.symbol}
          <span className="text-14 font-normal text-muted">
            {priceTerms(approval)} · {approval.timeInForce}
          </span>
        </h2>
      </div>
      <div className="flex w-full items-center justify-between gap-2 sm:block sm:w-auto sm:text-right">
        <StatusBadge
          display={open || approval.status !== 'PENDING' ? APPROVAL_STATUS[approval.status] : APPROVAL_STATUS.EXPIRED}
        />
        {open && (
          <p className="text-12 text-muted sm:mt-1">
            expires in <Countdown until={approval.expiresAt} className="text-14 font-semibold text-text" />
          </p>
        )}
      </div>
    </header>
  );
}

function Facts({ detail, open }: { readonly detail: ApprovalDetail; readonly open: boolean }) {
  const { approval, signal } = detail;
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 px-3 py-3 sm:grid-cols-3 xl:grid-cols-4">
      <Fact label="Notional">
        <span className="text-14 font-semibold">${formatAmount(approval.notional)}</span>
      </Fact>
      <Exposure detail={detail} open={open} />
      <Fact label="Approved size">{formatPct(detail.approvedSizePct)} of equity</Fact>
      <Fact label="Current position">
        {detail.position === null ? NONE : `${formatQty(detail.position.qty)} shares`}
      </Fact>
      <Fact label="Quote, bid / ask" className="col-span-2 sm:col-span-1">
        <QuoteLine symbol={approval.symbol} read={detail.quote} />
      </Fact>
      <Fact label="Reference price">{formatPrice(detail.referencePrice)}</Fact>
      {approval.protectiveStopPrice !== null && (
        <Fact label="Protective stop">
          {formatPrice(approval.protectiveStopPrice)}{' '}
          <span className="text-muted">${formatAmount(riskOf(approval, detail.referencePrice))} at risk</span>
        </Fact>
      )}
      <Fact label="Strategy">{approval.strategy === '' ? NONE : approval.strategy}</Fact>
      <Fact label="Confidence">{signal === null ? NONE : formatPct(signal.confidence, 0)}</Fact>
    </dl>
  );
}
