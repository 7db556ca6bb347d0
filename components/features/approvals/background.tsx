import { NONE } from '@/components/format/number';
import type { ApprovalDetail } from '@/components/trpc/types';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';

/** Where the request came from: memo, policy version, signal. */
export function Background({ detail }: { readonly detail: ApprovalDetail }) {
  const { signal } = detail;
  return (
    <div className="flex flex-col gap-3 px-3 py-3">
      {signal?.reasoning != null && (
        <p>
          <span className="text-muted">Reasoning memo:</span> {signal.reasoning.status}
          {signal.reasoning.recommendation !== null && <>, recommends {signal.reasoning.recommendation}</>}
        </p>
      )}
      <p className="text-12 text-muted">
        Asked <Ago iso={detail.approval.createdAt} /> · policy version {detail.policyVersion ?? NONE}
        {signal !== null && (
          <>
            {' · '}
            <Link href={`/signals/${signal.id}`} className="underline">
              signal <ShortId id={signal.id} />
            </Link>
          </>
        )}
      </p>
    </div>
  );
}
