'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BarRange, BarsView, MarketDetail } from '@/components/trpc/types';
import { ErrorState, LoadingRows } from '@/components/ui/states';
import { CalendarStrip } from './calendar-strip';
import { FeaturesPanel } from './features-panel';
import { IntakePanel } from './intake-panel';
import { PricePanel } from './price-panel';
import { QuotePanel } from './quote-panel';
import { SymbolEvents } from './symbol-events';

/** What the server has read for a symbol already. */
export interface SymbolInitial {
  readonly symbol: string;
  readonly range: BarRange;
  readonly detail: MarketDetail;
  readonly bars: BarsView;
}

interface SymbolPanelsProps {
  readonly symbol: string;
  readonly range: BarRange;
  readonly onRange: (range: BarRange) => void;
  readonly initial: SymbolInitial | null;
}

/** Everything about one symbol. */
export function SymbolPanels({ symbol, range, onRange, initial }: SymbolPanelsProps) {
  const trpc = useTRPC();
  const detail = useQuery(
    trpc.market.symbol.queryOptions({ symbol }, initial === null ? {} : { initialData: initial.detail }),
  );
  const bars = useQuery(
    trpc.market.bars.queryOptions(
      { symbol, range },
      {
        placeholderData: keepPreviousData,
        ...(initial !== null && initial.range === range ? { initialData: initial.bars } : {}),
      },
    ),
  );
  const failed = [detail, bars].find((query) => query.isError);
  return (
    <div className="flex flex-col gap-3" data-testid="symbol-panels">
      {failed !== undefined && <ErrorState message={messageOf(failed.error)} onRetry={() => void failed.refetch()} />}
      {detail.data === undefined ? <LoadingRows rows={2} /> : <QuotePanel detail={detail.data} />}
      <PricePanel
        symbol={symbol}
        range={range}
        onRange={onRange}
        view={bars.data ?? null}
        detail={detail.data ?? null}
      />
      {detail.data !== undefined && (
        <>
          <div className="grid gap-3 xl:grid-cols-2">
            <FeaturesPanel detail={detail.data} />
            <div className="flex min-w-0 flex-col gap-3">
              <IntakePanel row={detail.data.row} />
              <SymbolEvents detail={detail.data} />
            </div>
          </div>
          {detail.data.calendar !== null && <CalendarStrip calendar={detail.data.calendar} />}
        </>
      )}
    </div>
  );
}
