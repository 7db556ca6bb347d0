'use client';

import { useLiveQuote } from '@/components/features/quote-line';
import { formatAmount, formatQty, marketValue, NONE, unrealised } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { useMayOperate } from '@/components/shell/session';
import type { Position } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Pnl } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { ScrollBox } from '@/components/ui/scroll-box';

interface PositionsTableProps {
  readonly positions: readonly Position[];
  readonly onClose: (symbol: string) => void;
}

export function PositionsTable({ positions, onClose }: PositionsTableProps) {
  return (
    <ScrollBox label="Positions">
      <table className="table" data-testid="positions-table">
        <thead>
          <tr>
            <th scope="col">Symbol</th>
            {['Quantity', 'Average cost', 'Mark', 'Age', 'Value', 'Unrealised', 'Realised'].map((label) => (
              <th key={label} scope="col" className="right">
                {label}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">Act</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {positions.map((position) => (
            <PositionLine key={position.symbol} position={position} onClose={onClose} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** The mark is what closing would get: the bid of what is held. */
function PositionLine({
  position,
  onClose,
}: {
  readonly position: Position;
  readonly onClose: (symbol: string) => void;
}) {
  const may = useMayOperate();
  const quote = useLiveQuote(position.symbol, position.quote);
  const held = position.qty !== '0';
  const short = position.qty.startsWith('-');
  const mark = quote === null ? position.mark : short ? quote.ask : quote.bid;
  const differs = position.brokerQty !== null;
  return (
    <tr data-testid="position-row" data-symbol={position.symbol}>
      <td>
        <Link href={`/orders?symbol=${encodeURIComponent(position.symbol)}`} className="font-semibold hover:underline">
          {position.symbol}
        </Link>{' '}
        {differs && (
          <Badge tone="danger" title="The broker says otherwise">
            broker {formatQty(position.brokerQty)}
          </Badge>
        )}
      </td>
      <td className="num right">{formatQty(position.qty)}</td>
      <td className="num right">{formatAmount(position.avgCost, 4)}</td>
      <td className={cx('num right', quote?.stale === true && 'text-muted')}>{formatAmount(mark)}</td>
      <td className={cx('num right text-12', quote?.stale === true ? 'font-medium text-danger' : 'text-muted')}>
        {quote === null ? NONE : formatDuration(quote.age)}
      </td>
      <td className="num right">{held && mark !== null ? formatAmount(marketValue(position.qty, mark)) : NONE}</td>
      <td className="right">
        {held && mark !== null ? <Pnl value={unrealised(position.qty, mark, position.cost)} /> : NONE}
      </td>
      <td className="right">
        <Pnl value={position.realisedPnl} />
      </td>
      <td className="right">
        {held && (
          <Button
            size="small"
            disabled={!may}
            title={may ? undefined : 'Needs the role operator'}
            onClick={() => onClose(position.symbol)}
            data-testid="close-position"
          >
            Close…
          </Button>
        )}
      </td>
    </tr>
  );
}
