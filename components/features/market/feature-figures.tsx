import { formatPct, formatPrice, formatQty, groupDigits, NONE } from '@/components/format/number';
import type { MarketDetail } from '@/components/trpc/types';
import { Fact } from '@/components/ui/panel';

export type Figures = NonNullable<MarketDetail['features']>;

const price = (value: number | null) => (value === null ? NONE : formatPrice(value.toFixed(4)));
const plain = (value: number | null, decimals: number) => (value === null ? NONE : value.toFixed(decimals));

/** Features by name, as a definition list. */
export function FeatureFacts({ features }: { readonly features: Figures }) {
  const { macd, bollinger } = features;
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-3" data-testid="feature-facts">
      <Fact label="Close">{price(features.close)}</Fact>
      <Fact label="SMA 20">{price(features.sma20)}</Fact>
      <Fact label="EMA 20">{price(features.ema20)}</Fact>
      <Fact label="RSI 14">{plain(features.rsi14, 1)}</Fact>
      <Fact label="ATR 14">{plain(features.atr14, 4)}</Fact>
      <Fact label="MACD (signal)">{macd === null ? NONE : `${macd.value.toFixed(4)} (${macd.signal.toFixed(4)})`}</Fact>
      <Fact label="Bollinger 20, 2σ" className="sm:col-span-2">
        {bollinger === null ? NONE : `${price(bollinger.lower)} – ${price(bollinger.upper)}`}
      </Fact>
      <Fact label="Volatility per bar">
        {features.volatility20 === null ? NONE : formatPct(features.volatility20.toFixed(8), 3)}
      </Fact>
      <Fact label="Relative volume">
        {features.relativeVolume === null ? NONE : `${plain(features.relativeVolume, 2)}×`}
      </Fact>
      <Fact label="Traded per minute">
        {features.dollarsPerMinute === null ? NONE : `$${groupDigits(features.dollarsPerMinute.toFixed(0))}`}
      </Fact>
      <Fact label="Computed from">
        {features.bars === null ? NONE : `${formatQty(String(features.bars))} bar${features.bars === 1 ? '' : 's'}`}
      </Fact>
    </dl>
  );
}
