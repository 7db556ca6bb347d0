import type { RuleHit } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { ScrollBox } from '@/components/ui/scroll-box';

function tierTone(tier: string) {
  return tier === 'REJECT' ? 'danger' : 'warn';
}

/** Every rule that was hit: what was seen against what is allowed. */
export function RuleHits({ hits, caption }: { readonly hits: readonly RuleHit[]; readonly caption: string }) {
  if (hits.length === 0) return <p className="px-3 py-2 text-muted">No rule was hit.</p>;
  return (
    <ScrollBox label={caption}>
      <table className="table" data-testid="rule-hits">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col" className="right">
              Observed
            </th>
            <th scope="col" className="right">
              Threshold
            </th>
            <th scope="col" className="hidden sm:table-cell">
              Why
            </th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => (
            <tr key={hit.code}>
              <td>
                <Badge tone={tierTone(hit.tier)}>{hit.code}</Badge>
                <span className="mb-1 block whitespace-normal text-12 text-muted sm:hidden">{hit.message}</span>
              </td>
              <td className="num right font-medium">{hit.observed}</td>
              <td className="num right text-muted">{hit.threshold}</td>
              <td className="hidden min-w-48 whitespace-normal! sm:table-cell">{hit.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
