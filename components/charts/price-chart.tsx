'use client';

import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  type SeriesMarker,
  TickMarkType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import type { BarsView } from '@/server/contracts/console/market';
import { type ChartColours, useChartColours } from './chart-theme';
import { type Candle, type Candles, candlesWithin, chartTime, firstShown, markFills } from './prepare-candles';
import { ShadePrimitive } from './shade-primitive';

export interface PriceChartProps {
  readonly data: Candles;
  readonly view: BarsView;
  /** A line across at the middle of the newest quote; null where it is unknown or too old to be believed. */
  readonly live: number | null;
  /** The candle under the pointer; null when there is none. */
  readonly onHover: (candle: Candle | null) => void;
  readonly onOrder: (orderId: string) => void;
}

interface Drawn {
  readonly chart: IChartApi;
  readonly candles: ISeriesApi<'Candlestick'>;
  readonly volume: ISeriesApi<'Histogram'>;
  readonly markers: ISeriesMarkersPluginApi<Time>;
  readonly shades: ShadePrimitive;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const month = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'short', year: 'numeric' });

/** The chart's times are New York's clock already. */
function tickText(time: Time, type: TickMarkType): string {
  if (typeof time !== 'number') return '';
  if (type === TickMarkType.Year || type === TickMarkType.Month) return month.format(time * 1_000);
  return (type === TickMarkType.DayOfMonth ? day : clock).format(time * 1_000);
}

const timeText = (time: Time) =>
  typeof time === 'number' ? `${day.format(time * 1_000)} ${clock.format(time * 1_000)} ET` : '';

/** Candles' room kept free at the right. */
const EMPTY_AT_RIGHT = 6;

const stamp = (epochMs: number) => chartTime(epochMs) as UTCTimestamp;

function draw(box: HTMLElement): Drawn {
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      fontSize: 11,
      background: { color: 'transparent' },
      panes: { enableResize: false },
      attributionLogo: false,
    },
    localization: { timeFormatter: timeText },
    timeScale: {
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: tickText,
      rightOffset: EMPTY_AT_RIGHT,
      minBarSpacing: 0.2,
    },
    handleScroll: { vertTouchDrag: false },
    rightPriceScale: { minimumWidth: 64 },
  });
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: true });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceFormat: { type: 'volume' }, priceLineVisible: false, lastValueVisible: false },
    1,
  );
  chart.panes()[0]?.setStretchFactor(4);
  chart.panes()[1]?.setStretchFactor(1);
  const shades = new ShadePrimitive();
  candles.attachPrimitive(shades);
  return { chart, candles, volume, markers: createSeriesMarkers(candles), shades };
}

/** Rising candles are hollow and falling ones full: not by colour alone. A minute without a trade is grey. */
function paint({ chart, candles }: Drawn, colours: ChartColours): void {
  chart.applyOptions({
    layout: {
      textColor: colours.muted,
      panes: { separatorColor: colours.border, separatorHoverColor: colours.border },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colours.border, style: LineStyle.SparseDotted } },
    rightPriceScale: { borderColor: colours.border },
    timeScale: { borderColor: colours.border },
    crosshair: {
      vertLine: { color: colours.control, labelBackgroundColor: colours.control },
      horzLine: { color: colours.control, labelBackgroundColor: colours.control },
    },
  });
  candles.applyOptions({
    upColor: colours.surface,
    borderUpColor: colours.pos,
    wickUpColor: colours.pos,
    downColor: colours.neg,
    borderDownColor: colours.neg,
    wickDownColor: colours.neg,
  });
}

function setCandles({ candles, volume }: Drawn, data: Candles, colours: ChartColours): void {
  // Once a year New York's clock goes back an hour: the chart takes no time twice.
  let last = Number.NEGATIVE_INFINITY;
  const rows = data.candles.filter(({ startMs }) => {
    const time = chartTime(startMs);
    const later = time > last;
    if (later) last = time;
    return later;
  });
  candles.setData(
    rows.map(({ startMs, figures }) => {
      if (figures === null) return { time: stamp(startMs) };
      const { open, high, low, close, traded } = figures;
      const quiet = traded ? {} : { color: colours.control, borderColor: colours.control, wickColor: colours.control };
      return { time: stamp(startMs), open, high, low, close, ...quiet };
    }),
  );
  volume.setData(
    rows.map(({ startMs, figures }) =>
      figures === null
        ? { time: stamp(startMs) }
        : { time: stamp(startMs), value: figures.volume, color: colours.control },
    ),
  );
}

/** With more marks than this, their words would cover the candles. */
const WORDED_MARKS = 30;

function markersOf({ fills }: BarsView, candles: readonly Candle[], colours: ChartColours): SeriesMarker<Time>[] {
  const marks = markFills(fills, candles);
  return marks.map(({ startMs, side, qty, orderId }) => {
    const buy = side === 'BUY';
    return {
      time: stamp(startMs),
      position: buy ? 'belowBar' : 'aboveBar',
      shape: buy ? 'arrowUp' : 'arrowDown',
      color: colours.primary,
      id: orderId,
      ...(marks.length > WORDED_MARKS ? { size: 0.5 } : { text: `${buy ? 'B' : 'S'} ${qty}` }),
    };
  });
}

/** Candles with volume below; what kept trades out is shaded, and fills lead to their orders. */
export function PriceChart({ data, view, live, onHover, onOrder }: PriceChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const colours = useChartColours();
  const latest = useRef({ data, onHover, onOrder });
  useEffect(() => {
    latest.current = { data, onHover, onOrder };
  });

  useEffect(() => {
    if (box.current === null) return;
    const made = draw(box.current);
    drawn.current = made;
    made.chart.subscribeCrosshairMove(({ time }) => {
      const { data: shown, onHover: hover } = latest.current;
      hover(time === undefined ? null : (shown.candles.find(({ startMs }) => stamp(startMs) === time) ?? null));
    });
    made.chart.subscribeClick(({ hoveredInfo }) => {
      if (hoveredInfo?.objectKind === 'series-marker' && typeof hoveredInfo.objectId === 'string')
        latest.current.onOrder(hoveredInfo.objectId);
    });
    return () => {
      drawn.current = null;
      made.chart.remove();
    };
  }, []);

  useEffect(() => {
    if (drawn.current !== null) paint(drawn.current, colours);
  }, [colours]);

  useEffect(() => {
    const { current } = drawn;
    if (current === null) return;
    setCandles(current, data, colours);
    current.markers.setMarkers(markersOf(view, data.candles, colours));
    const shades = view.shades.flatMap((shade) => {
      const toMs = shade.to === null ? Number.POSITIVE_INFINITY : Date.parse(shade.to);
      const span = candlesWithin(data.candles, Date.parse(shade.from), toMs, view.stepSeconds);
      return span === null ? [] : [{ from: stamp(span[0]), to: stamp(span[1]), label: shade.label }];
    });
    current.shades.show(shades, { fill: colours.warnBg, line: colours.warn });
  }, [data, view, colours]);

  // Another range is another picture; bars that come keep the place that a person looks at.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the length of a bar changes
  useEffect(() => {
    const from = firstShown(data.candles, view.stepSeconds);
    drawn.current?.chart.timeScale().setVisibleLogicalRange({ from, to: data.candles.length + EMPTY_AT_RIGHT });
  }, [view.stepSeconds]);

  useEffect(() => {
    const { current } = drawn;
    if (current === null || live === null) return;
    const line: IPriceLine = current.candles.createPriceLine({
      price: live,
      color: colours.primary,
      lineStyle: LineStyle.Dashed,
      lineWidth: 1,
      title: 'mid',
    });
    return () => {
      // A chart that is gone takes its lines with it.
      if (drawn.current === current) current.candles.removePriceLine(line);
    };
  }, [live, colours]);

  return <div ref={box} className="h-full w-full" data-testid="price-chart" />;
}
