import type { BacktestReport, BacktestRequest } from '@/server/replay/backtest';
import type { TradeFill } from '@/server/replay/statistics';

/** A figure at an instant, epoch ms. */
export interface PricePoint {
  readonly atMs: number;
  readonly value: number;
}

const WIDTH = 960;
const HEIGHT = 320;
/** Wide enough for the larger labels of narrow screens. */
const MARGIN = { left: 112, right: 12, top: 16, bottom: 40 };
/** More points than a screen has columns show nothing more. */
const MOST_POINTS = 1_500;

const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--dim:#59636e;--paper:#fff;--line:#d1d9e0;--main:#0969da;--bad:#cf222e;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--ink:#f0f6fc;--dim:#9198a1;--paper:#0d1117;--line:#3d444d;--main:#4493f8;--bad:#f85149;--good:#3fb950}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}svg{width:100%;height:auto}text{font-size:14px;fill:var(--dim)}
.grid{stroke:var(--line)}.main{fill:none;stroke:var(--main);stroke-width:1.5}.fall{fill:var(--bad);fill-opacity:.25;stroke:var(--bad)}
.buy{fill:var(--good);color:var(--good)}.sell{fill:var(--bad);color:var(--bad)}.wide{overflow-x:auto}.key{color:var(--dim);margin:0}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}th:nth-child(-n+3),td:nth-child(-n+3){text-align:left}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.5rem}dt{color:var(--dim)}dd{margin:0;font-weight:600}
@media (max-width:600px){body{margin:1rem auto}text{font-size:26px}.main{stroke-width:3}table{font-size:12px}th,td{padding:.25rem .2rem}}`;

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(2)}%`);
/** A price with at least two decimals. */
const priceText = (value: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 8, useGrouping: false });
/** A figure beside a chart: short enough for its margin. */
const axisText = (value: number) => value.toFixed(Math.abs(value) >= 10_000 ? 0 : 2);
const amount = (value: number | null) => (value === null ? '—' : value.toFixed(2));

/** The first, lowest, highest and last point of each of so many columns: what a line of all points would cover. */
function thinned(points: readonly PricePoint[]): readonly PricePoint[] {
  if (points.length <= MOST_POINTS) return points;
  const size = Math.ceil((points.length * 4) / MOST_POINTS);
  const kept: PricePoint[] = [];
  for (let at = 0; at < points.length; at += size) {
    const column = points.slice(at, at + size);
    const byValue = column.toSorted((a, b) => a.value - b.value);
    const chosen = new Set([column[0], byValue[0], byValue.at(-1), column.at(-1)]);
    kept.push(...column.filter((point) => chosen.has(point)));
  }
  return kept;
}

interface Scale {
  x(ms: number): string;
  y(value: number): string;
  readonly axes: string;
}

function scaleOf(points: readonly PricePoint[], label: (value: number) => string): Scale {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [fromMs, toMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 1];
  const [width, height] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const x = (ms: number) => (MARGIN.left + ((ms - fromMs) / Math.max(1, toMs - fromMs)) * width).toFixed(1);
  const y = (value: number) => (MARGIN.top + (1 - (value - low) / (high - low || 1)) * height).toFixed(1);
  const levels = [low, (low + high) / 2, high].map(
    (value) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}"/><text x="${MARGIN.left - 6}" y="${y(value)}" dy=".35em" text-anchor="end">${label(value)}</text>`,
  );
  const dates = `<text x="${MARGIN.left}" y="${HEIGHT - 8}">${day(fromMs)}</text><text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${day(toMs)}</text>`;
  return { x, y, axes: levels.join('') + dates };
}

const svg = (title: string, body: string) =>
  `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${body}</svg>`;

function lineChart(title: string, all: readonly PricePoint[], marks: (scale: Scale) => string = () => ''): string {
  const points = thinned(all);
  if (points.length === 0) return '<p>No bars.</p>';
  const scale = scaleOf(points, axisText);
  const path = points.map(({ atMs, value }) => `${scale.x(atMs)},${scale.y(value)}`).join(' ');
  return svg(title, `${scale.axes}<polyline class="main" points="${path}"/>${marks(scale)}`);
}

/** How far equity is below its highest point so far, as a share of it. */
function drawdowns(curve: BacktestReport['curve']): readonly PricePoint[] {
  let peak = Number.NEGATIVE_INFINITY;
  return curve.map(({ atMs, equity }) => {
    peak = Math.max(peak, equity);
    return { atMs, value: (equity - peak) / peak };
  });
}

function drawdownChart(curve: BacktestReport['curve']): string {
  const points = thinned(drawdowns(curve));
  const scale = scaleOf(points, percent);
  const [fromMs, toMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0];
  const path = points.map(({ atMs, value }) => `${scale.x(atMs)},${scale.y(value)}`);
  const area = [`${scale.x(fromMs)},${scale.y(0)}`, ...path, `${scale.x(toMs)},${scale.y(0)}`].join(' ');
  return svg('Drawdown', `${scale.axes}<polygon class="fall" points="${area}"/>`);
}

const KEY = '<p class="key"><span class="buy">▲</span> buy, <span class="sell">▼</span> sell</p>';

const tradeMarks = (fills: readonly TradeFill[]) => (scale: Scale) =>
  fills
    .map(({ atMs, price, side, qty }) => {
      const [x, y] = [Number(scale.x(atMs)), Number(scale.y(price))];
      const tip = side === 'BUY' ? 8 : -8;
      return `<path class="${side.toLowerCase()}" d="M${x} ${y}l-5 ${tip}h10z"><title>${side} ${qty} at ${priceText(price)}, ${day(atMs)}</title></path>`;
    })
    .join('');

function tradesTable(trades: readonly TradeFill[]): string {
  if (trades.length === 0) return '<p>No trades.</p>';
  const rows = trades.map(
    ({ atMs, symbol, side, qty, price, fee }) =>
      `<tr><td>${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}</td><td>${escaped(symbol)}</td><td class="${side.toLowerCase()}">${side}</td><td>${qty}</td><td>${priceText(price)}</td><td>${amount(fee)}</td></tr>`,
  );
  return `<div class="wide"><table><thead><tr><th>Time (UTC)</th><th>Symbol</th><th>Side</th><th>Shares</th><th>Price</th><th>Fee</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** A backtest as one HTML page that loads nothing. @param prices closes of each symbol, oldest first */
export function backtestPage(
  { statistics: s, curve, trades, fromMs, toMs }: BacktestReport,
  { strategy, symbols, period }: Pick<BacktestRequest, 'strategy' | 'symbols' | 'period'>,
  prices: ReadonlyMap<string, readonly PricePoint[]>,
): string {
  const title = `${strategy} on ${symbols.join(', ')}, ${period}, ${day(fromMs)} to ${day(toMs)}`;
  const figures: readonly (readonly [string, string])[] = [
    ['Equity', `${amount(s.startEquity)} to ${amount(s.endEquity)}`],
    ['Return', percent(s.totalReturn)],
    ['Largest drawdown', percent(s.maxDrawdown)],
    ['Sharpe ratio', amount(s.sharpe)],
    ['Fills', String(s.fills)],
    ['Fees', amount(s.fees)],
    ['Round trips', String(s.roundTrips)],
    ['Won', percent(s.winRate)],
    ['Profit factor', amount(s.profitFactor)],
  ];
  const charts = symbols.map((symbol) => {
    const own = trades.filter((fill) => fill.symbol === symbol);
    return `<h2>${escaped(symbol)}</h2>${lineChart(`Closes of ${symbol} with trades`, prices.get(symbol) ?? [], tradeMarks(own))}${KEY}`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<dl>${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
<h2>Equity</h2>${lineChart(
    'Equity',
    curve.map(({ atMs, equity }) => ({ atMs, value: equity })),
  )}
<h2>Drawdown</h2>${drawdownChart(curve)}
${charts.join('\n')}
<h2>Trades</h2>${tradesTable(trades)}
</body></html>
`;
}
