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

/** Why a person is asked, and where the request came from: rules hit, memo, policy version, signal. */
export function Background({ detail, open }: BackgroundProps) {
  const { signal } = detail;
  return (
    <>
      <h3 className="px-3 pt-3 pb-1 text-12 font-semibold text-muted">
        {open ? 'Why it waits for you' : 'Why it went to review'}
      </h3>
      <RuleHits hits={detail.reasons} caption="Rules that sent this to review" />
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
    </>
  );
}
