import { MemoPanel } from '@/components/features/reasoning/memo-panel';
import { RuleHits } from '@/components/features/rule-hits';
import { NONE } from '@/components/format/number';
import type { ApprovalDetail } from '@/components/trpc/types';
import { ShortId } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';

interface BackgroundProps {
  readonly detail: ApprovalDetail;
  readonly open: boolean;
}

/** Why there is no memo. A signal from outside brings at most a status. */
function withoutMemo(status: string | undefined): string {
  return status === undefined ? 'Not requested.' : `No memo is stored; the signal arrived with the status ${status}.`;
}

/** Why the request needs review, and its origin: rules hit, memo, policy version, signal. */
export function Background({ detail, open }: BackgroundProps) {
  const { signal } = detail;
  return (
    <>
      <h3 className="px-3 pt-3 pb-1 text-12 font-semibold text-muted">
        {open ? 'Why it needs review' : 'Why it needed review'}
      </h3>
      <RuleHits hits={detail.reasons} caption="Rules that sent this to review" />
      <h3 className="border-t border-border px-3 pt-3 text-12 font-semibold text-muted">Reasoning memo</h3>
      {detail.memo === null ? (
        <p className="px-3 pt-1 pb-3 text-muted">{withoutMemo(signal?.reasoning?.status)}</p>
      ) : (
        // The evaluation that opened this approval resulted in a review.
        <MemoPanel memo={detail.memo} withoutMemo={detail.withoutMemo} decision="REVIEW" />
      )}
      <div className="border-t border-border px-3 py-3">
        <p className="text-12 text-muted">
          Requested <Ago iso={detail.approval.createdAt} /> · policy version {detail.policyVersion ?? NONE}
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
    </>
  );
}
