'use client';

import { useQuery } from '@tanstack/react-query';
import { formatPct, NONE } from '@/components/format/number';
import { useTRPC } from '@/components/trpc/client';
import type { ApprovalDetail } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Fact } from '@/components/ui/panel';
import { useCheck } from './use-check';

interface ExposureProps {
  readonly detail: ApprovalDetail;
  readonly open: boolean;
}

/**
 * Gross exposure now and with the order filled, against its limit. While the approval is open the figures are today's; what was
 * computed when it was requested is named so.
 */
export function Exposure({ detail, open }: ExposureProps) {
  const trpc = useTRPC();
  const { exposureAfter } = useCheck(detail.approval.id, open);
  const { data } = useQuery(trpc.system.overview.queryOptions(undefined, { enabled: open }));
  if (exposureAfter === null) {
    return (
      <Fact label="Exposure after, when requested">
        <span className="text-14 font-semibold">{formatPct(detail.exposureAfter)}</span>{' '}
        <span className="text-muted">of equity</span>
      </Fact>
    );
  }
  const limit = data?.grossExposureLimit ?? null;
  return (
    <Fact label="Exposure now → after">
      <span data-testid="exposure-live">
        {data === undefined ? NONE : formatPct(data.grossExposure)} →{' '}
        <span className="text-14 font-semibold">{formatPct(exposureAfter)}</span>{' '}
        <span className="text-muted">{limit === null ? 'of equity' : `of ${formatPct(limit, 0)}`}</span>
      </span>
      {limit !== null && (
        <Bar before={Number(data?.grossExposure ?? 0)} after={Number(exposureAfter)} limit={Number(limit)} />
      )}
    </Fact>
  );
}

/** Both figures as shares of the limit. */
function Bar({ before, after, limit }: { readonly before: number; readonly after: number; readonly limit: number }) {
  const width = (value: number) => `${limit > 0 ? Math.min(100, (value / limit) * 100) : 100}%`;
  return (
    <span aria-hidden="true" className="relative mt-1 block h-1.5 w-full overflow-hidden rounded-sm bg-sunken">
      <span
        className={cx('absolute inset-y-0 left-0', after > limit ? 'bg-danger' : 'bg-warn')}
        style={{ width: width(after) }}
      />
      <span className="absolute inset-y-0 left-0 bg-primary" style={{ width: width(Math.min(before, after)) }} />
    </span>
  );
}
