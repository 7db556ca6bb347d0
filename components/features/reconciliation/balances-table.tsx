import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { Opening } from '@/components/trpc/types';
import { exactFigure } from './prepare-sides';

interface Balance {
  readonly holding: string;
  readonly qty: string | null;
  readonly amount: string;
  readonly emphasis: 'strong' | 'muted';
}

const COLUMNS: readonly Column<Balance>[] = [
  {
    id: 'holding',
    header: 'Holding',
    className: ({ emphasis }) => (emphasis === 'strong' ? 'font-semibold' : 'text-muted'),
    cell: ({ holding }) => holding,
  },
  { id: 'qty', header: 'Quantity', figure: true, cell: ({ qty }) => (qty === null ? null : exactFigure(qty)) },
  {
    id: 'amount',
    header: 'Amount or cost',
    figure: true,
    className: ({ emphasis }) => (emphasis === 'muted' ? 'text-muted' : undefined),
    cell: ({ amount }) => exactFigure(amount),
  },
];

/** The balances to sign for, exact: no figure is rounded. */
export function BalancesTable({ opening }: { readonly opening: Opening }) {
  const rows: Balance[] = [
    { holding: 'Cash', qty: null, amount: opening.cash, emphasis: 'strong' },
    ...opening.positions.map(({ symbol, qty, cost }) => ({
      holding: symbol,
      qty,
      amount: cost,
      emphasis: 'strong' as const,
    })),
    ...(opening.equity === null
      ? []
      : [
          { holding: 'Equity, as the broker states it', qty: null, amount: opening.equity, emphasis: 'muted' as const },
        ]),
  ];
  return (
    <Table
      label="Balances"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ holding }) => holding}
      maxHeight="max-h-72"
      className="rounded-sm border border-border"
      testId="balances"
    />
  );
}
