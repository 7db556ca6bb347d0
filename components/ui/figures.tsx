import { formatSignedAmount, formatSignedPct, NONE, signOf } from '@/components/format/number';
import { cx } from './cx';

const ARROW = { '-1': '▼', '0': '', '1': '▲' } as const;
const COLOUR = { '-1': 'text-neg', '0': 'text-text', '1': 'text-pos' } as const;

interface PnlProps {
  readonly value: string | null;
  readonly pct?: string | null;
  readonly className?: string;
}

/** Profit or loss: sign, arrow and colour together. */
export function Pnl({ value, pct, className }: PnlProps) {
  if (value === null) return <span className={cx('text-muted', className)}>{NONE}</span>;
  const sign = signOf(value);
  const key = `${sign}` as const;
  return (
    <span className={cx('num whitespace-nowrap', COLOUR[key], className)}>
      {sign !== 0 && (
        <span aria-hidden="true" className="mr-0.5 text-[0.75em]">
          {ARROW[key]}
        </span>
      )}
      {formatSignedAmount(value)}
      {pct !== undefined && pct !== null && <span className="ml-1">({formatSignedPct(pct)})</span>}
    </span>
  );
}

/** First characters of an id, mono; the whole id in the tooltip. */
export function ShortId({ id }: { readonly id: string }) {
  return (
    <code className="font-mono text-12" title={id}>
      {id.slice(-8)}
    </code>
  );
}
