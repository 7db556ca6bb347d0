import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { JsonValue } from '@/server/kernel/canonical-json';
import { isoTime } from '@/server/kernel/iso-time';
import { formatMoney, formatUnits, type Money, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import type { NewsSummary } from './news-summary';
import { plainText } from './plain-text';
import type { PromptData } from './prompt';

export interface MemoSignal {
  readonly signalId: string;
  readonly symbol: string;
  readonly action: Side;
  readonly strategy: string;
  readonly confidence: number;
  readonly sizePct: number;
  readonly features: FeatureSnapshot | null;
  /** Market time, epoch ms. */
  readonly atMs: number;
}

/** Market and account data for a memo. Null means unknown. */
export interface MemoContext {
  readonly market: {
    readonly open: boolean | null;
    readonly msToClose: number | null;
    readonly quote: { readonly bid: Units; readonly ask: Units; readonly ageMs: number } | null;
    /** Upcoming events of the symbol or the whole market. Titles are free text. */
    readonly events: readonly { readonly kind: string; readonly title: string; readonly startsMs: number }[];
  };
  readonly portfolio: {
    readonly equity: Money;
    readonly previousCloseEquity: Money;
    readonly cash: Money;
    readonly grossExposure: Money;
    readonly positions: number;
    readonly workingOrders: number;
    /** For the signal's symbol. */
    readonly position: { readonly qty: Units; readonly value: Money; readonly cost: Money } | null;
  };
  /** Symbols of the allowlist and the portfolio. Only the signal's may be named. */
  readonly symbols: readonly string[];
}

/** Figures have six significant digits to save tokens. */
const short = (value: number): number => Number(value.toPrecision(6));

function shortened(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? short(value) : null;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [snake(key), shortened(each)]));
  }
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function featureData(features: FeatureSnapshot | null): JsonValue {
  if (features === null) return null;
  const { symbol: _, atMs: __, bars, ...figures } = features;
  return {
    ...Object.fromEntries(Object.entries(figures).map(([key, each]) => [snake(key), shortened(each)])),
    bars: bars.count,
  };
}

/** A fraction of equity with four decimals; null without equity. */
const share = (part: Money, equity: Money): number | null =>
  equity > 0n ? Number((part * 10_000n) / equity) / 10_000 : null;

/** Rounded to cents. */
const dollars = (money: Money) => formatMoney(money).replace(/(\.\d\d)\d+$/, '$1');

function marketData({ market }: MemoContext, signal: MemoSignal, suspicious: readonly string[]) {
  const { quote } = market;
  const spread = quote === null || quote.ask + quote.bid <= 0n ? null : quote.ask - quote.bid;
  return {
    at: isoTime(signal.atMs),
    open: market.open,
    minutes_to_close: market.msToClose === null ? null : Math.floor(market.msToClose / 60_000),
    bid: quote === null ? null : formatUnits(quote.bid),
    ask: quote === null ? null : formatUnits(quote.ask),
    spread_bps:
      quote === null || spread === null ? null : short(Number((spread * 2_000_000n) / (quote.ask + quote.bid)) / 100),
    quote_age_seconds: quote === null ? null : Math.max(0, Math.round(quote.ageMs / 1_000)),
    features: featureData(signal.features),
    events: market.events.map(({ kind, title, startsMs }) => ({
      kind,
      title: plainText(title, 120).text,
      starts_at: isoTime(startsMs),
    })),
    news_with_concealed_text: [...suspicious],
  };
}

function portfolioData({ portfolio }: MemoContext) {
  const { equity, previousCloseEquity, cash, grossExposure, position } = portfolio;
  const dayProfit = equity - previousCloseEquity;
  return {
    equity: dollars(equity),
    cash: dollars(cash),
    gross_exposure_pct: share(grossExposure, equity),
    day_pnl: dollars(dayProfit),
    day_pnl_pct: share(dayProfit, previousCloseEquity),
    positions: portfolio.positions,
    working_orders: portfolio.workingOrders,
    position:
      position === null
        ? null
        : {
            qty: formatUnits(position.qty),
            value: dollars(position.value),
            pct_of_equity: share(position.value, equity),
            unrealised_pnl: dollars(position.value - position.cost),
          },
  };
}

/**
 * Builds a prompt's data about a signal. Outside headlines it names no symbol but the signal's. The same facts give the same
 * text.
 */
export function memoData(signal: MemoSignal, context: MemoContext, summary: NewsSummary): PromptData {
  return {
    signal: {
      signal_id: signal.signalId,
      symbol: signal.symbol,
      action: signal.action,
      strategy: signal.strategy,
      confidence: signal.confidence,
      size_pct: signal.sizePct,
    },
    market: marketData(context, signal, summary.suspicious),
    portfolio: portfolioData(context),
    news: summary.items,
  };
}
