import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { prepareSides, type SideRow, signedFigure } from './prepare-sides';

/** Long ids and sentences wrap, so that both sides stay in view. */
const FIGURE = 'num right min-w-24 max-w-56 !whitespace-normal break-words';

interface SidesTableProps {
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

const COLUMNS: readonly Column<SideRow>[] = [
  { id: 'name', header: 'Figure', headerHidden: true, className: 'text-muted', cell: (row) => row.name },
  { id: 'ours', header: 'Ours', className: FIGURE, align: 'right', cell: (row) => row.ours },
  { id: 'theirs', header: 'Broker', className: FIGURE, align: 'right', cell: (row) => row.theirs },
];

const DIFFERENCE: Column<SideRow> = {
  id: 'difference',
  header: 'Difference',
  figure: true,
  className: (row) => (row.differs ? 'font-semibold text-danger' : undefined),
  cell: (row) => signedFigure(row.difference),
};

const COLUMNS_WITH_DIFFERENCE = [...COLUMNS, DIFFERENCE];

/** Both sides' figures next to each other. Sign and weight mark a difference, not colour alone. */
export function SidesTable({ ours, theirs }: SidesTableProps) {
  const rows = prepareSides(ours, theirs);
  const differences = rows.some((row) => row.difference !== null);
  return (
    <Table
      label="Both sides"
      columns={differences ? COLUMNS_WITH_DIFFERENCE : COLUMNS}
      rows={rows}
      rowKey={(row) => row.name}
      className="rounded-sm border border-border"
      testId="sides"
      empty={<p className="text-muted">Neither side stated figures.</p>}
    />
  );
}

/** One line for each figure, for narrow places. */
export function SidesLines({ ours, theirs }: SidesTableProps) {
  return (
    <ul className="num text-12 text-muted">
      {prepareSides(ours, theirs).map((row) => (
        <li key={row.name} className="break-words">
          {row.name}: ours {row.ours} · broker {row.theirs}
        </li>
      ))}
    </ul>
  );
}
