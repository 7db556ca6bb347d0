'use client';

import { useLiveQuote } from '@/components/features/quote-line';
import { formatPrice, formatSignedPct, NONE, signOf } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import type { MarketRow } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Panel } from '@/components/ui/panel';
import { changeOf, middle } from './view';

interface SymbolListProps {
  readonly rows: readonly MarketRow[];
  readonly current: string;
  readonly onChoose: (symbol: string) => void;
}

/** Every symbol with its price, day change and age of the quote. */
export function SymbolList({ rows, current, onChoose }: SymbolListProps) {
  return (
    <Panel title="Symbols" className="self-start" aside={<span className="num text-12 text-muted">{rows.length}</span>}>
      <ul
        className="flex max-h-64 flex-col overflow-y-auto lg:max-h-[calc(100dvh-180px)]"
        data-testid="symbol-list"
        aria-label="Symbols"
      >
        {rows.map((row) => (
          <li key={row.symbol} className="border-b border-border last:border-b-0">
            <SymbolLine row={row} current={row.symbol === current} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const CHANGE_COLOUR = { '-1': 'text-neg', '0': 'text-muted', '1': 'text-pos' } as const;
const CHANGE_ARROW = { '-1': '▼ ', '0': '', '1': '▲ ' } as const;

function SymbolLine({
  row,
  current,
  onChoose,
}: {
  readonly row: MarketRow;
  readonly current: boolean;
  readonly onChoose: (symbol: string) => void;
}) {
  const quote = useLiveQuote(row.symbol, row.quote);
  const price = quote === null ? null : middle(quote);
  const shown = price === null ? row.close : price.toFixed(4);
  const change = changeOf(price ?? (row.close === null ? null : Number(row.close)), row.previousClose);
  const sign = `${signOf(change, 4)}` as const;
  const stale = quote === null || quote.stale;
  return (
    <button
      type="button"
      aria-current={current ? 'true' : undefined}
      onClick={() => onChoose(row.symbol)}
      data-testid={`symbol-${row.symbol}`}
      className={cx(
        'grid h-12 w-full grid-cols-[1fr_auto_76px] items-center gap-x-3 px-3 text-left leading-4 hover:bg-sunken',
        current && 'bg-primary-bg shadow-[inset_2px_0_0_var(--c-primary)]',
      )}
    >
      <span className="min-w-0">
        <span className="block font-semibold">{row.symbol}</span>
        <span className="block truncate text-11 text-muted">
          {row.held !== '0' ? `position ${row.held}` : row.allowed ? 'allowed' : 'not allowed'}
        </span>
      </span>
      <span className={cx('num text-right', stale && 'text-muted')}>
        <span className="block">{formatPrice(shown)}</span>
        <span className={cx('block text-11', quote?.stale === true ? 'font-medium text-danger' : 'text-muted')}>
          {quote === null ? 'no quote' : `${quote.stale ? 'stale, ' : ''}${formatDuration(quote.age)}`}
        </span>
      </span>
      <span className={cx('num text-right', stale ? 'text-muted' : CHANGE_COLOUR[sign])}>
        <span aria-hidden="true" className="text-[0.75em]">
          {CHANGE_ARROW[sign]}
        </span>
        {change === null ? NONE : formatSignedPct(change)}
      </span>
    </button>
  );
}
