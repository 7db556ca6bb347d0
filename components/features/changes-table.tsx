import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';

export interface Change {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

const COLUMNS: readonly Column<Change>[] = [
  { id: 'label', header: 'Setting', wrap: true, className: 'break-all', cell: ({ label }) => label },
  { id: 'from', header: 'Now', className: 'num text-muted', cell: ({ from }) => from },
  { id: 'to', header: 'New', className: 'num font-semibold', cell: ({ to }) => to },
];

/** What a dialog is about to change. */
export function ChangesTable({ changes, testId }: { readonly changes: readonly Change[]; readonly testId: string }) {
  return <Table label="Changes" columns={COLUMNS} rows={changes} rowKey={({ label }) => label} testId={testId} />;
}
