import type { Opening } from '@/components/trpc/types';
import { ScrollBox } from '@/components/ui/scroll-box';
import { exactFigure } from './prepare-sides';

/** Exactly what is signed for: no figure is rounded. */
export function BalancesTable({ opening }: { readonly opening: Opening }) {
  return (
    <ScrollBox label="Balances" className="max-h-72 rounded-sm border border-border">
      <table className="table" data-testid="balances">
        <thead>
          <tr>
            <th scope="col">Holding</th>
            <th scope="col" className="right">
              Quantity
            </th>
            <th scope="col" className="right">
              Amount or cost
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td className="font-semibold">Cash</td>
            <td className="right text-muted">—</td>
            <td className="num right">{exactFigure(opening.cash)}</td>
          </tr>
          {opening.positions.map((position) => (
            <tr key={position.symbol}>
              <td className="font-semibold">{position.symbol}</td>
              <td className="num right">{exactFigure(position.qty)}</td>
              <td className="num right">{exactFigure(position.cost)}</td>
            </tr>
          ))}
          {opening.equity !== null && (
            <tr>
              <td className="text-muted">Equity, as the broker gives it</td>
              <td className="right text-muted">—</td>
              <td className="num right text-muted">{exactFigure(opening.equity)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </ScrollBox>
  );
}
