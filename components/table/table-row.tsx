import type { HTMLAttributes, MouseEvent } from 'react';
import { NONE } from '@/components/format/number';
import { cx } from '@/components/ui/cx';
import type { Column } from './column';

export type RowProps = HTMLAttributes<HTMLTableRowElement> & Readonly<Record<`data-${string}`, unknown>>;

interface TableRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  /** The columns keep their widths, so longer text is cut. */
  readonly fixed: boolean;
  readonly rowProps: ((row: Row) => RowProps) | undefined;
  /** What a press anywhere on the row but on its controls does. */
  readonly onOpen: ((row: Row) => void) | undefined;
  /** Of a row among those of which only some are in the document. */
  readonly index?: number;
  readonly measure?: (element: HTMLTableRowElement | null) => void;
}

/** Whether a press was meant for a control, or ends a selection of text. */
function isForControl(target: EventTarget): boolean {
  const control = target instanceof Element && target.closest('a, button, input, label, select') !== null;
  return control || window.getSelection()?.isCollapsed === false;
}

export function TableRow<Row>({ row, columns, fixed, rowProps, onOpen, index, measure }: TableRowProps<Row>) {
  const own = rowProps?.(row);
  return (
    // The row's link does the same by keyboard.
    <tr
      {...own}
      {...(onOpen === undefined
        ? {}
        : {
            className: cx(own?.className, 'cursor-pointer'),
            onClick: (event: MouseEvent) => {
              if (!isForControl(event.target)) onOpen(row);
            },
          })}
      {...(index === undefined ? {} : { ref: measure, 'data-index': index, 'aria-rowindex': index + 2 })}
    >
      {columns.map((column) => (
        <td key={column.id} className={cellClass(column, row, fixed)} title={column.title?.(row)}>
          {contentOf(column, row)}
        </td>
      ))}
    </tr>
  );
}

function contentOf<Row>(column: Column<Row>, row: Row) {
  const content = column.cell(row);
  return content === null || content === undefined || content === '' ? (
    <span className="text-muted">{NONE}</span>
  ) : (
    content
  );
}

function cellClass<Row>(column: Column<Row>, row: Row, fixed: boolean): string {
  const own = typeof column.className === 'function' ? column.className(row) : column.className;
  return cx(
    column.figure && 'num right',
    column.align === 'right' && 'right',
    column.wrap ? 'whitespace-normal! break-words' : fixed && 'overflow-hidden text-ellipsis',
    column.hideOnPhone && 'hidden sm:table-cell',
    own,
  );
}
