import { z } from 'zod';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, oneOf } from '@/server/adapters/postgres/market/read-map';
import type {
  Calibration,
  CalibrationVerdict,
  MemoListInput,
  MemoRow,
  ReasoningOverview,
  ReasoningRange,
} from '@/server/contracts/console/reasoning';
import { outcomesBySignal, returnOf, type SignalOutcome, type TradedFill } from '@/server/domain/reasoning/calibration';
import { formatMoney, formatUnits, parseUnits } from '@/server/kernel/money';
import { sideSchema } from '@/server/kernel/vocabulary';
import { MEMO_OMIT, toMemoView } from './read-memo';

const RANGES: Record<ReasoningRange, { readonly seconds: number; readonly stepSeconds: number }> = {
  '1h': { seconds: 3_600, stepSeconds: 60 },
  '1d': { seconds: 86_400, stepSeconds: 900 },
  '1w': { seconds: 7 * 86_400, stepSeconds: 7_200 },
  '30d': { seconds: 30 * 86_400, stepSeconds: 28_800 },
};

/** Of calls that were really made: what came from another signal's memo took no time. */
const ASKED = `FILTER (WHERE status <> 'DISABLED' AND cached_from IS NULL)`;

const FIGURES = `count(*)::int AS memos,
  count(*) FILTER (WHERE status = 'OK')::int AS ok,
  count(*) FILTER (WHERE status = 'FAILED')::int AS failed,
  count(*) FILTER (WHERE status = 'DISABLED')::int AS disabled,
  count(*) FILTER (WHERE slow)::int AS slow,
  coalesce(sum(input_tokens), 0)::int AS "inputTokens",
  coalesce(sum(output_tokens), 0)::int AS "outputTokens",
  trim_scale(coalesce(sum(cost), 0))::text AS cost,
  (percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) ${ASKED})::float8 AS "latencyP50Ms",
  (percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) ${ASKED})::float8 AS "latencyP95Ms"`;

const POINTS = `SELECT date_bin($2 * interval '1 second', created_at, $1) AS at, ${FIGURES}
  FROM memos WHERE created_at >= $1 GROUP BY 1 ORDER BY 1`;

const TOTALS = `SELECT ${FIGURES},
    count(*) FILTER (WHERE recommendation = 'ALLOW')::int AS allow,
    count(*) FILTER (WHERE recommendation = 'ALLOW_WITH_CAUTION')::int AS caution,
    count(*) FILTER (WHERE recommendation = 'AVOID')::int AS avoid,
    count(*) FILTER (WHERE cached_from IS NOT NULL)::int AS cached,
    count(*) FILTER (WHERE jsonb_array_length(attempts) > 1)::int AS repaired
  FROM memos WHERE created_at >= $1`;

const JUDGED = `SELECT count(*)::int AS judged,
    count(*) FILTER (WHERE decision = 'REVIEW' AND blind->>'decision' = 'APPROVE')::int AS tightened
  FROM policy_evaluations WHERE created_at >= $1 AND kind = 'GATE' AND blind IS NOT NULL`;

const FAULTS = `SELECT split_part(fault, ':', 1) AS code, count(*)::int AS count,
    (array_agg(fault ORDER BY created_at DESC))[1] AS newest, max(created_at) AS at
  FROM memos WHERE created_at >= $1 AND fault IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20`;

const MODELS = `SELECT provider, model, count(*)::int AS memos, count(*) FILTER (WHERE status = 'FAILED')::int AS failed,
    trim_scale(coalesce(sum(cost), 0))::text AS cost
  FROM memos WHERE created_at >= $1 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 20`;

type Totals = ReasoningOverview['totals'];
type Figures = Omit<ReasoningOverview['points'][number], 'at'>;

/** Figures of memos over a stretch of time that ends now. */
export async function readReasoning(db: PrismaClient, range: ReasoningRange): Promise<ReasoningOverview> {
  const { seconds, stepSeconds } = RANGES[range];
  const to = new Date();
  const from = new Date(Math.floor((to.getTime() / 1_000 - seconds) / stepSeconds) * stepSeconds * 1_000);
  const [points, [totals], [judged], faults, models] = await Promise.all([
    db.$queryRawUnsafe<({ at: Date } & Figures)[]>(POINTS, from, stepSeconds),
    db.$queryRawUnsafe<Omit<Totals, 'judged' | 'tightened'>[]>(TOTALS, from),
    db.$queryRawUnsafe<Pick<Totals, 'judged' | 'tightened'>[]>(JUDGED, from),
    db.$queryRawUnsafe<{ code: string; count: number; newest: string; at: Date }[]>(FAULTS, from),
    db.$queryRawUnsafe<ReasoningOverview['models']>(MODELS, from),
  ]);
  if (totals === undefined || judged === undefined) throw new Error('an aggregate gave no row');
  return {
    range,
    stepSeconds,
    from: iso(from),
    to: iso(to),
    points: points.map((point) => ({ ...point, at: iso(point.at) })),
    totals: { ...totals, ...judged },
    faults: faults.map((fault) => ({ ...fault, at: iso(fault.at) })),
    models,
  };
}

/** How far back trades are counted. */
const CALIBRATION_DAYS = 90;
const MAX_FILLS = 50_000;
const TRADES_SHOWN = 500;
const VERDICTS: readonly CalibrationVerdict[] = ['ALLOW', 'ALLOW_WITH_CAUTION', 'AVOID', 'FAILED', 'DISABLED'];

const FILLS = `SELECT o.signal_id, f.symbol, f.side, f.qty::text, f.price::text, epoch_ms(f.at)::float8 AS at
  FROM (SELECT * FROM fills WHERE NOT busted AND at >= $1 ORDER BY at DESC, id DESC LIMIT ${MAX_FILLS}) f
  JOIN orders o ON o.id = f.order_id ORDER BY f.at, f.id`;

const fillSchema = z.object({
  signal_id: z.string().nullable(),
  symbol: z.string(),
  side: sideSchema,
  qty: z.string(),
  price: z.string(),
  at: z.number(),
});

function toFill(value: unknown): TradedFill {
  const { signal_id: signalId, symbol, side, qty, price, at } = fillSchema.parse(value);
  return { signalId, symbol, side, qty: parseUnits(qty), price: parseUnits(price), atMs: at };
}

type Judged = { readonly outcome: SignalOutcome; readonly verdict: CalibrationVerdict };

function toRow(verdict: CalibrationVerdict, memos: number, judged: readonly Judged[]): Calibration['rows'][number] {
  const own = judged.filter((each) => each.verdict === verdict).map(({ outcome }) => outcome);
  const returns = own.reduce((sum, outcome) => sum + returnOf(outcome), 0n);
  return {
    verdict,
    memos,
    trades: own.length,
    wins: own.filter(({ pnl }) => pnl > 0n).length,
    pnl: formatMoney(own.reduce((sum, { pnl }) => sum + pnl, 0n)),
    averageReturnPct: own.length === 0 ? null : formatUnits(returns / BigInt(own.length)),
  };
}

function toTrade({ outcome, verdict }: Judged): Calibration['trades'][number] {
  return {
    signalId: outcome.signalId,
    symbol: outcome.symbol,
    side: 'BUY',
    verdict,
    qty: formatUnits(outcome.soldQty),
    closed: outcome.closed,
    openedAt: new Date(outcome.openedMs).toISOString(),
    closedAt: new Date(outcome.closedMs).toISOString(),
    pnl: formatMoney(outcome.pnl),
    returnPct: formatUnits(returnOf(outcome)),
  };
}

/** What memos said against what came of the trades. */
export async function readCalibration(db: PrismaClient): Promise<Calibration> {
  const since = new Date(Date.now() - CALIBRATION_DAYS * 86_400_000);
  const [memos, fills] = await Promise.all([
    db.memo.findMany({
      where: { createdAt: { gte: since } },
      select: { signalId: true, status: true, recommendation: true },
      orderBy: { createdAt: 'desc' },
      take: MAX_FILLS,
    }),
    db.$queryRawUnsafe<unknown[]>(FILLS, since),
  ]);
  const verdicts = new Map(
    memos.map(({ signalId, status, recommendation }) => [
      signalId,
      oneOf(z.enum(VERDICTS), recommendation ?? status, 'memos.status'),
    ]),
  );
  const judged = outcomesBySignal(fills.map(toFill)).flatMap((outcome): Judged[] => {
    const verdict = verdicts.get(outcome.signalId);
    return verdict === undefined ? [] : [{ outcome, verdict }];
  });
  const counted = (wanted: CalibrationVerdict) => [...verdicts.values()].filter((each) => each === wanted).length;
  return {
    since: iso(since),
    rows: VERDICTS.map((verdict) => toRow(verdict, counted(verdict), judged)),
    trades: judged
      .sort((a, b) => b.outcome.closedMs - a.outcome.closedMs)
      .slice(0, TRADES_SHOWN)
      .map(toTrade),
  };
}

/** Memos, newest first. */
export async function readMemos(db: PrismaClient, { status, limit }: MemoListInput): Promise<MemoRow[]> {
  const records = await db.memo.findMany({
    where: status === null ? {} : { status },
    omit: MEMO_OMIT,
    include: { signal: { select: { symbol: true, action: true, strategy: true } } },
    orderBy: { createdAt: 'desc' },
    take: limit,
  });
  return records.map(({ signal, ...record }) => ({
    memo: toMemoView(record),
    symbol: signal.symbol,
    action: oneOf(sideSchema, signal.action, 'signals.action'),
    strategy: signal.strategy,
  }));
}
