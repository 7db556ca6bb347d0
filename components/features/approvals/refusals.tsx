import type { ApprovalDetail } from '@/components/trpc/types';

/** Countersignatures that the server did not take: whose, and which rules had flipped. */
export function Refusals({ refusals }: Pick<ApprovalDetail, 'refusals'>) {
  if (refusals.length === 0) return null;
  return (
    <div className="border-b border-border px-3 py-2">
      <h3 className="mb-1 text-12 font-semibold text-muted">Countersignatures refused so far</h3>
      <ul className="list-disc pl-5">
        {refusals.map((refusal) => (
          <li key={`${refusal.at}${refusal.by}`}>
            {refusal.by}: {refusal.message}{' '}
            {refusal.codes.length > 0 && <code className="font-mono text-12">{refusal.codes.join(', ')}</code>}
          </li>
        ))}
      </ul>
    </div>
  );
}
