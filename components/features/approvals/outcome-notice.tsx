import { RuleHits } from '@/components/features/rule-hits';
import { Link } from '@/components/ui/link';
import type { DecideOutcome } from './use-decide';

/** What the server answered. A refusal names the rules that flipped. */
export function OutcomeNotice({ outcome }: { readonly outcome: DecideOutcome | null }) {
  return (
    <div aria-live="assertive" data-testid="decide-outcome">
      {outcome !== null && <Notice outcome={outcome} />}
    </div>
  );
}

function Notice({ outcome }: { readonly outcome: DecideOutcome }) {
  switch (outcome.kind) {
    case 'approved':
      return (
        <p className="border-t border-border bg-pos-bg px-3 py-2 text-pos">
          Approved and placed.{' '}
          <Link href={`/orders/${outcome.orderId}`} className="underline" data-testid="approved-order">
            Follow the order
          </Link>
        </p>
      );
    case 'rejected':
      return <p className="border-t border-border bg-sunken px-3 py-2">Rejected. Nothing was sent.</p>;
    case 'failed':
      return (
        <p className="border-t border-border bg-danger-bg px-3 py-2 text-danger">
          {outcome.message} Whether it was decided is not known yet: the status shown here is the server's.
        </p>
      );
    case 'refused':
      return (
        <div className="border-t border-border bg-danger-bg">
          <p className="px-3 py-2 font-medium text-danger">Not sent: {outcome.message}</p>
          {outcome.hits.length > 0 && (
            <div className="bg-surface" data-testid="flipped-rules">
              <RuleHits hits={outcome.hits} caption="Rules that flipped" />
            </div>
          )}
        </div>
      );
  }
}
