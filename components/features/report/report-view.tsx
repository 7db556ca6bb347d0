import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { type ReportTable, shownCell } from './prepare-report';

function Facts({ table }: { readonly table: ReportTable }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-3 lg:grid-cols-4">
      {table.columns.map((column, index) => (
        <div key={column.label} className="min-w-0">
          <dt className="text-12 text-muted">{column.label}</dt>
          <dd className="num break-words">{shownCell(table.rows[0]?.[index] ?? '')}</dd>
        </div>
      ))}
    </dl>
  );
}

function Rows({ table }: { readonly table: ReportTable }) {
  return (
    <ScrollBox label={table.title} className="max-h-[480px]">
      <table className="table">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.label} scope="col" className={column.figures ? 'right' : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.join('\u0000')}>
              {table.columns.map((column, index) => (
                <td key={column.label} className={column.figures ? 'num right' : undefined}>
                  {shownCell(row[index] ?? '')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** A stored report, a panel a table. Lists with nothing in them are one line together. */
export function ReportView({ tables }: { readonly tables: readonly ReportTable[] }) {
  const empty = tables.filter(({ rows }) => rows.length === 0).map(({ title }) => title);
  return (
    <div className="flex flex-col gap-3" data-testid="report">
      {tables
        .filter(({ rows }) => rows.length > 0)
        .map((table) => (
          <Panel
            key={table.title}
            title={table.title}
            aside={table.rows.length > 1 && <span className="num text-12 text-muted">{table.rows.length}</span>}
          >
            {table.facts ? <Facts table={table} /> : <Rows table={table} />}
          </Panel>
        ))}
      {empty.length > 0 && <p className="px-1 text-muted">Nothing in: {empty.join(', ')}.</p>}
    </div>
  );
}
