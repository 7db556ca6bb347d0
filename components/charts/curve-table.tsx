'use client';

import { formatAmount, formatPct } from '@/components/format/number';
import type { Curve } from '@/components/trpc/types';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';

/** The curve as figures, newest first. */
export function CurveTable({ curve }: { readonly curve: Curve }) {
  return (
    <ScrollBox label="Equity figures" className="max-h-80">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Time (ET)</th>
            <th scope="col" className="right">
              Equity
            </th>
            <th scope="col" className="right">
              Drawdown
            </th>
          </tr>
        </thead>
        <tbody>
          {curve.points.toReversed().map((point) => (
            <tr key={point.at}>
              <td>
                <Moment iso={point.at} />
              </td>
              <td className="num right">{formatAmount(point.equity)}</td>
              <td className="num right">{formatPct(point.drawdownPct)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
