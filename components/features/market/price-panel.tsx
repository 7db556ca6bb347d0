'use client';

import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { type Candle, prepareCandles } from '@/components/charts/prepare-candles';
import { useLiveQuote } from '@/components/features/quote-line';
import { formatPrice, formatQty, NONE } from '@/components/format/number';
import type { BarRange, BarsView, MarketDetail } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Panel } from '@/components/ui/panel';
import { EmptyState, LoadingRows } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';
import { PriceTable } from './price-table';
import { middle, RANGES } from './view';

const loadChart = () => import('@/components/charts/price-chart');

const STEP_WORDS: Readonly<Record<number, string>> = {
  60: '1-minute bars',
  300: '5-minute bars',
  1800: '30-minute bars',
  86400: 'day bars',
};

interface PricePanelProps {
  readonly symbol: string;
  readonly range: BarRange;
  readonly onRange: (range: BarRange) => void;
  readonly view: BarsView | null;
  readonly detail: MarketDetail | null;
}

/** The price as a chart or as a table. */
export function PricePanel({ symbol, range, onRange, view, detail }: PricePanelProps) {
  const [asTable, setAsTable] = useState(false);
  const data = useMemo(() => (view === null ? null : prepareCandles(view.bars, view.stepSeconds)), [view]);
  const missing = data === null ? 0 : data.gaps.reduce((sum, gap) => sum + gap.bars, 0);
  return (
    <Panel
      title="Price"
      testId="price-panel"
      aside={
        <span className="flex flex-wrap items-center gap-2">
          {missing > 0 && (
            <span className="num text-12 font-medium text-warn" data-testid="gap-count">
              {missing} missing in {data?.gaps.length} gap{data?.gaps.length === 1 ? '' : 's'}
            </span>
          )}
          <RangeButtons range={range} onRange={onRange} />
          <Button
            size="small"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            data-testid="price-table-toggle"
          >
            {asTable ? 'Chart' : 'Table'}
          </Button>
        </span>
      }
    >
      <div className="h-[400px] sm:h-[440px]">
        {view === null || data === null ? (
          <LoadingRows rows={14} />
        ) : view.bars.length === 0 ? (
          <EmptyState title="No bars of this symbol yet">
            Live market data adds a bar each minute. Import bars for earlier times.
          </EmptyState>
        ) : asTable ? (
          <PriceTable data={data} view={view} />
        ) : (
          <ChartBox symbol={symbol} range={range} data={data} view={view} detail={detail} />
        )}
      </div>
    </Panel>
  );
}

function RangeButtons({ range, onRange }: Pick<PricePanelProps, 'range' | 'onRange'>) {
  const keys = Object.keys(RANGES) as BarRange[];
  return (
    <fieldset className="inline-flex">
      <legend className="sr-only">Range</legend>
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          aria-pressed={range === key}
          onClick={() => onRange(key)}
          data-testid={`range-${key}`}
          className={cx(
            '-ml-px h-7 border border-control px-2 text-12 font-medium first:ml-0 first:rounded-l-sm last:rounded-r-sm',
            range === key ? 'bg-primary-bg text-primary' : 'bg-surface hover:bg-sunken',
          )}
        >
          {RANGES[key]}
        </button>
      ))}
    </fieldset>
  );
}

interface ChartBoxProps {
  readonly symbol: string;
  readonly range: BarRange;
  readonly data: ReturnType<typeof prepareCandles>;
  readonly view: BarsView;
  readonly detail: MarketDetail | null;
}

function ChartBox({ symbol, range, data, view, detail }: ChartBoxProps) {
  const router = useRouter();
  const chart = useLoaded(loadChart);
  const quote = useLiveQuote(symbol, detail?.row.quote ?? null);
  const [hovered, setHovered] = useState<Candle | null>(null);
  const shown = hovered ?? data.candles.at(-1) ?? null;
  return (
    <div className="flex h-full flex-col">
      <Legend candle={shown} step={STEP_WORDS[view.stepSeconds] ?? ''} />
      <figure
        aria-label={`Price of ${symbol}, ${RANGES[range].toLowerCase()}; the Table button shows the figures`}
        className="min-h-0 flex-1 px-1"
      >
        {chart !== null && (
          <chart.PriceChart
            data={data}
            view={view}
            live={quote === null || quote.stale ? null : middle(quote)}
            onHover={setHovered}
            onOrder={(id) => router.push(`/orders/${id}`)}
          />
        )}
      </figure>
    </div>
  );
}

const legendTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function Legend({ candle, step }: { readonly candle: Candle | null; readonly step: string }) {
  const figures = candle?.figures ?? null;
  const price = (value: number | undefined) => (value === undefined ? NONE : formatPrice(String(value)));
  return (
    <p
      className="num flex h-9 items-center gap-x-3 overflow-hidden px-3 text-12 whitespace-nowrap text-muted"
      data-testid="chart-legend"
    >
      <span className="hidden sm:inline">{candle === null ? '' : `${legendTime.format(candle.startMs)} ET`}</span>
      {candle !== null && figures === null && <span className="font-medium text-warn">no bar</span>}
      {figures !== null && (
        <>
          <span>
            O <b className="font-medium text-text">{price(figures.open)}</b>
          </span>
          <span>
            H <b className="font-medium text-text">{price(figures.high)}</b>
          </span>
          <span>
            L <b className="font-medium text-text">{price(figures.low)}</b>
          </span>
          <span>
            C <b className="font-medium text-text">{price(figures.close)}</b>
          </span>
          <span>
            V <b className="font-medium text-text">{formatQty(String(figures.volume))}</b>
          </span>
          {!figures.traded && <span>no trades</span>}
        </>
      )}
      <span className="ml-auto hidden sm:inline">
        {step} ·{' '}
        <a href="https://www.tradingview.com/lightweight-charts/" className="underline" rel="noreferrer">
          Lightweight Charts by TradingView
        </a>
      </span>
    </p>
  );
}
