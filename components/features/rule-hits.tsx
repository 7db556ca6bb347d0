import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { RuleHit } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';

const COLUMNS: readonly Column<RuleHit>[] = [
  {
    id: 'rule',
    header: 'Rule',
    cell: (hit) => (
      <>
        <Badge tone={hit.tier === 'REJECT' ? 'danger' : 'warn'}>{hit.code}</Badge>
        <span className="mb-1 block whitespace-normal text-12 text-muted sm:hidden">{hit.message}</span>
      </>
    ),
  },
  { id: 'observed', header: 'Observed', figure: true, className: 'font-medium', cell: (hit) => hit.observed },
  { id: 'threshold', header: 'Threshold', figure: true, className: 'text-muted', cell: (hit) => hit.threshold },
  { id: 'why', header: 'Why', hideOnPhone: true, wrap: true, className: 'min-w-48', cell: (hit) => hit.message },
];

/** Every rule that was hit, with the observed value and its threshold. */
export function RuleHits({ hits, caption }: { readonly hits: readonly RuleHit[]; readonly caption: string }) {
  return (
    <Table
      label={caption}
      columns={COLUMNS}
      rows={hits}
      rowKey={(hit) => hit.code}
      testId="rule-hits"
      empty={<p className="px-3 py-2 text-muted">No rule was hit.</p>}
    />
  );
}
