'use client';

import { useMemo } from 'react';
import { useLiveQuote } from '@/components/features/quote-line';
import { formatAmount, formatQty, marketValue, NONE, unrealised } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { useMayOperate } from '@/components/shell/session';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { Position } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Pnl } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { EmptyState } from '@/components/ui/states';

interface CellProps {
  readonly position: Position;
}

const isHeld = (position: Position) => position.qty !== '0';

/** The price that closing would get now: the bid of a long position, the ask of a short one. */
function useMark(position: Position) {
  const quote = useLiveQuote(position.symbol, position.quote);
  const short = position.qty.startsWith('-');
  const mark = quote === null ? position.mark : short ? quote.ask : quote.bid;
  return { quote, mark, heldMark: isHeld(position) ? mark : null };
}

function Mark({ position }: CellProps) {
  const { quote, mark } = useMark(position);
  return <span className={cx(quote?.stale === true && 'text-muted')}>{formatAmount(mark)}</span>;
}

function MarkAge({ position }: CellProps) {
  const { quote } = useMark(position);
  return (
    <span className={cx('text-12', quote?.stale === true ? 'font-medium text-danger' : 'text-muted')}>
      {quote === null ? NONE : formatDuration(quote.age)}
    </span>
  );
}

function MarketValue({ position }: CellProps) {
  const { heldMark } = useMark(position);
  return heldMark === null ? NONE : formatAmount(marketValue(position.qty, heldMark));
}

function Unrealised({ position }: CellProps) {
  const { heldMark } = useMark(position);
  return heldMark === null ? NONE : <Pnl value={unrealised(position.qty, heldMark, position.cost)} />;
}

/** The price of the protective stop; a warning where less works than the entries require. */
function Stop({ position }: CellProps) {
  const { protection } = position;
  if (!isHeld(position)) return NONE;
  if (protection === null)
    return (
      <span className="text-12 text-muted" title="No entry of this position states a stop">
        no stop
      </span>
    );
  const { owedQty, protectedQty, stopPrices, missing } = protection;
  const prices = stopPrices.map((price) => formatAmount(price)).join(', ');
  if (missing === null) return prices;
  return (
    <Badge
      tone="danger"
      title={`Stops at ${prices} work for ${formatQty(protectedQty)} of ${formatQty(owedQty)} shares. Waits for ${missing}.`}
    >
      unprotected
    </Badge>
  );
}

const COLUMNS: readonly Column<Position>[] = [
  {
    id: 'symbol',
    header: 'Symbol',
    width: 160,
    sort: (row) => row.symbol,
    cell: (row) => (
      <>
        <Link href={`/orders?symbol=${encodeURIComponent(row.symbol)}`} className="font-semibold hover:underline">
          {row.symbol}
        </Link>{' '}
        {row.brokerQty !== null && (
          <Badge tone="danger" title="The broker reports another quantity">
            broker {formatQty(row.brokerQty)}
          </Badge>
        )}
      </>
    ),
  },
  {
    id: 'qty',
    header: 'Quantity',
    width: 96,
    figure: true,
    sort: (row) => Number(row.qty),
    cell: (row) => formatQty(row.qty),
  },
  { id: 'stop', header: 'Stop', width: 120, figure: true, cell: (row) => <Stop position={row} /> },
  { id: 'cost', header: 'Average cost', width: 112, figure: true, cell: (row) => formatAmount(row.avgCost, 4) },
  { id: 'mark', header: 'Mark', width: 96, figure: true, cell: (row) => <Mark position={row} /> },
  { id: 'age', header: 'Age', width: 72, figure: true, cell: (row) => <MarkAge position={row} /> },
  { id: 'value', header: 'Value', width: 112, figure: true, cell: (row) => <MarketValue position={row} /> },
  { id: 'unrealised', header: 'Unrealised', width: 120, align: 'right', cell: (row) => <Unrealised position={row} /> },
  {
    id: 'realised',
    header: 'Realised',
    width: 120,
    align: 'right',
    sort: (row) => Number(row.realisedPnl),
    cell: (row) => <Pnl value={row.realisedPnl} />,
  },
];

interface PositionsTableProps {
  readonly positions: readonly Position[];
  readonly onClose: (symbol: string) => void;
}

export function PositionsTable({ positions, onClose }: PositionsTableProps) {
  const may = useMayOperate();
  const columns = useMemo<readonly Column<Position>[]>(
    () => [
      ...COLUMNS,
      {
        id: 'actions',
        header: 'Actions',
        headerHidden: true,
        width: 96,
        align: 'right',
        cell: (row) =>
          isHeld(row) ? (
            <Button
              size="small"
              disabled={!may}
              title={may ? undefined : 'Needs the role operator'}
              onClick={() => onClose(row.symbol)}
              data-testid="close-position"
            >
              Close…
            </Button>
          ) : (
            <span />
          ),
      },
    ],
    [may, onClose],
  );
  return (
    <Table
      label="Positions"
      columns={columns}
      rows={positions}
      rowKey={(row) => row.symbol}
      rowProps={(row) => ({ 'data-testid': 'position-row', 'data-symbol': row.symbol })}
      testId="positions-table"
      empty={<EmptyState title="No positions">A position appears with its first fill.</EmptyState>}
    />
  );
}
