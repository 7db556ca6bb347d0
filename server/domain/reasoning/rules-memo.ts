import { MEMO_LIMITS, type ReasoningMemo } from '@/server/contracts/memo';
import type { RulesData } from './rules-data';

type Flag = ReasoningMemo['risk_flags'][number];

/** An argument for or against the trade. Its text names no symbol. */
interface Point {
  readonly text: string;
  /** 0 supports the trade, 1 and more oppose it. A sum of 2 recommends caution, 4 advises against it. */
  readonly weight: number;
  readonly flag?: Flag;
  readonly cites?: readonly string[];
}

const CAUTION = 2;
const AVOID = 4;

const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`;
const short = (value: number) => String(Number(value.toPrecision(6)));

/** Trend and overextension, with the sign of the trade's side. */
function technical({ signal, market: { features } }: RulesData): readonly Point[] {
  if (features === null) return [{ text: 'no bar features yet', weight: 1, flag: 'stale_information' }];
  const side = signal.action === 'BUY' ? 1 : -1;
  const points: Point[] = [];
  const { close, ema20, rsi14, macd, bollinger } = features;
  const histogram = macd?.histogram ?? null;
  if (close !== null && ema20 !== null) {
    const trending = (close - ema20) * side >= 0;
    const where = `the close ${short(close)} is ${close >= ema20 ? 'above' : 'below'} its 20-bar average, ${short(ema20)}`;
    const against = !trending && histogram !== null && histogram * side < 0;
    points.push(
      against
        ? { text: `${where}, momentum also ${side > 0 ? 'negative' : 'positive'}`, weight: 1, flag: 'counter_trend' }
        : { text: where, weight: 0 },
    );
  }
  if (rsi14 !== null) {
    const stretched = side > 0 ? rsi14 > 75 : rsi14 < 25;
    const text = `the relative strength index is ${short(rsi14)}`;
    points.push(
      stretched
        ? { text: `${text}, already ${side > 0 ? 'overbought' : 'oversold'}`, weight: 1, flag: 'overextended' }
        : { text, weight: 0 },
    );
  }
  const band = side > 0 ? bollinger?.upper : bollinger?.lower;
  if (close !== null && typeof band === 'number' && (close - band) * side > 0)
    points.push({ text: `the close is beyond its Bollinger band at ${short(band)}`, weight: 1, flag: 'overextended' });
  return points;
}

function trading({ market }: RulesData): readonly Point[] {
  const { spread_bps: spread, quote_age_seconds: age, features } = market;
  const points: Point[] = [];
  if (spread !== null && spread > 25)
    points.push({
      text: `the spread is ${short(spread)} basis points`,
      weight: spread > 100 ? 2 : 1,
      flag: 'wide_spread',
    });
  if (age !== null && age > 15)
    points.push({ text: `the quote is ${short(age)} s old`, weight: 1, flag: 'stale_information' });
  if (features === null) return points;
  const { atr14, close, dollars_per_minute: dollars, volatility20: volatility } = features;
  const range = atr14 !== null && close !== null && close > 0 ? atr14 / close : null;
  if ((range !== null && range > 0.02) || (volatility !== null && volatility > 0.02))
    points.push({ text: 'bars move by more than 2% each', weight: 1, flag: 'high_volatility' });
  if (dollars !== null && dollars < 50_000)
    points.push({ text: `low volume: ${short(dollars)} dollars per bar`, weight: 1, flag: 'low_liquidity' });
  return points;
}

function account({ signal, portfolio }: RulesData): readonly Point[] {
  if (signal.action === 'SELL') return [];
  const { gross_exposure_pct: gross, day_pnl_pct: day, position } = portfolio;
  const points: Point[] = [];
  const held = position?.pct_of_equity ?? null;
  if (held !== null && held > 0.1)
    points.push({ text: `${percent(held)} of equity is already in the position`, weight: 1, flag: 'concentration' });
  if (gross !== null && gross > 0.5)
    points.push({ text: `${percent(gross)} of equity is invested`, weight: 1, flag: 'concentration' });
  if (day !== null && day < -0.02) points.push({ text: `the day's return is ${percent(day)}`, weight: 1 });
  return points;
}

/** Risk flags by kind of event. */
const EVENTS: readonly (readonly [RegExp, Flag])[] = [
  [/earn/i, 'earnings_proximity'],
  [/./, 'macro_event'],
];

/** Risk flags by keywords in headlines, which the rules do not understand. */
const HEADLINES: readonly (readonly [RegExp, Flag, string, number])[] = [
  [
    /(ignore|disregard|forget).{0,40}(instruction|rule|prompt|above)|system (prompt|message)|you are (now|an?)\b|recommendation"?\s*[:=]|<\/?(data|system)/i,
    'suspicious_input',
    'headlines that read like instructions',
    2,
  ],
  [/\b(lawsuits?|sued?|sues|suing|litigation|class action|settle(s|ment))\b/i, 'litigation', 'litigation headlines', 1],
  [
    /\b(antitrust|regulators?|probe|investigation|fined?|sec|doj|ftc|eu commission)\b/i,
    'regulatory',
    'regulatory headlines',
    1,
  ],
  [/\b(guidance|outlook|forecasts?|warns?|profit warning)\b/i, 'guidance_change', 'guidance headlines', 0],
  [/\b(upgrades?d?|downgrades?d?|price target|analysts?)\b/i, 'analyst_action', 'analyst headlines', 0],
  [/\b(earnings|quarter(ly)?|results|revenue)\b/i, 'earnings_proximity', 'earnings headlines', 0],
  [
    /\b(fed|fomc|cpi|inflation|jobs report|payrolls|rate (cut|hike)s?|tariffs?)\b/i,
    'macro_event',
    'macro headlines',
    0,
  ],
];

function outside({ market, news }: RulesData): readonly Point[] {
  const points: Point[] = [];
  for (const { kind } of market.events) {
    const flag = EVENTS.find(([pattern]) => pattern.test(kind))?.[1] ?? 'macro_event';
    points.push({
      text: `an event is near (${
        kind
          .toLowerCase()
          .replace(/[^a-z ]+/g, ' ')
          .trim() || 'kind not given'
      })`,
      weight: 2,
      flag,
    });
  }
  const hidden = market.news_with_concealed_text;
  if (hidden.length > 0)
    points.push({ text: 'the news contains concealed text', weight: 2, flag: 'suspicious_input', cites: hidden });
  for (const [pattern, flag, text, weight] of HEADLINES) {
    const cites = news.filter(({ headline }) => pattern.test(headline)).map(({ id }) => id);
    if (cites.length > 0) points.push({ text: `${text} (${cites.length})`, weight, flag, cites });
  }
  return points;
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Joins sentences up to the length limit. */
function sentence(lead: string, texts: readonly string[], otherwise = ''): string {
  let text = '';
  for (const each of unique(texts)) {
    const longer = text === '' ? each : `${text}; ${each}`;
    if (lead.length + longer.length + 2 > MEMO_LIMITS.thesis) break;
    text = longer;
  }
  return `${lead} ${text === '' ? otherwise : text}.`;
}

/** Ids of the newest items and of those that an argument cites. */
function cited({ news }: RulesData, points: readonly Point[]): string[] {
  const supplied = new Set(news.map(({ id }) => id));
  const named = points.flatMap(({ cites }) => cites ?? []).filter((id) => supplied.has(id));
  const newest = news.slice(0, 3).map(({ id }) => id);
  return unique([...named.slice(0, MEMO_LIMITS.cited - newest.length), ...newest]);
}

/**
 * Writes a memo by fixed rules; the same data give the same memo. Considers trend, overextension, spread, volume, the position,
 * upcoming events and keywords in headlines, and says that the headlines were not understood.
 */
export function rulesMemo(data: RulesData): ReasoningMemo {
  const { signal } = data;
  const points = [...technical(data), ...trading(data), ...account(data), ...outside(data)];
  const against = points.filter(({ weight }) => weight > 0);
  const total = against.reduce((sum, { weight }) => sum + weight, 0);
  const verb = signal.action === 'BUY' ? 'buy' : 'sell';
  const proposal = `The strategy ${signal.strategy.toLowerCase()} proposes to ${verb} ${signal.symbol}${
    signal.size_pct === null ? '' : ` for ${percent(signal.size_pct)} of equity`
  }${signal.confidence === null ? '' : ` with a confidence of ${short(signal.confidence)}`}.`;
  const news = `Keyword scan of ${data.news.length} news items.`;
  return {
    signal_id: signal.signal_id,
    thesis: sentence(
      `Written by fixed rules, no model. ${proposal} ${news} Supporting or neutral:`,
      points.filter(({ weight }) => weight === 0).map(({ text }) => text),
      'only the signal itself',
    ),
    counter_thesis:
      against.length === 0
        ? 'No counter-argument found by the rules.'
        : sentence(
            'Against:',
            against.map(({ text }) => text),
          ),
    risk_flags: unique(points.flatMap(({ flag }) => flag ?? [])).slice(0, MEMO_LIMITS.flags),
    risk_notes: [],
    recommendation: total >= AVOID ? 'AVOID' : total >= CAUTION ? 'ALLOW_WITH_CAUTION' : 'ALLOW',
    cited_news_ids: cited(data, points),
  };
}
