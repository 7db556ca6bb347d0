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

/** Why there is no memo to show: a signal from outside brings a status of its own at most. */
function withoutMemo(status: string | undefined): string {
  return status === undefined ? 'None was asked for.' : `None is kept here; the signal came with the status ${status}.`;
}

/** Why a person is asked, and where the request came from: rules hit, memo, policy version, signal. */
export function Background({ detail, open }: BackgroundProps) {
  const { signal } = detail;
  return (
    <>
      <h3 className="px-3 pt-3 pb-1 text-12 font-semibold text-muted">
        {open ? 'Why it waits for you' : 'Why it went to review'}
      </h3>
      <RuleHits hits={detail.reasons} caption="Rules that sent this to review" />
      <h3 className="border-t border-border px-3 pt-3 text-12 font-semibold text-muted">Reasoning memo</h3>
      {detail.memo === null ? (
        <p className="px-3 pt-1 pb-3 text-muted">{withoutMemo(signal?.reasoning?.status)}</p>
      ) : (
        // What was judged as this approval was opened went to review.
        <MemoPanel memo={detail.memo} blind={detail.blind} decision="REVIEW" />
      )}
      <div className="border-t border-border px-3 py-3">
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
    </>
  );
}
