'use client';

import { useQuery } from '@tanstack/react-query';
import { CurvePanel } from '@/components/charts/curve-panel';
import { DecisionTable } from '@/components/features/decision-table';
import { formatPct, NONE, shareOf } from '@/components/format/number';
import { ageSeconds, formatDuration } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { useCutOffSince, useStreamState } from '@/components/live/stream-state';
import { bannersOf } from '@/components/shell/banner-names';
import { useDataAge } from '@/components/shell/data-age';
import { useStatus, useWaiting } from '@/components/shell/use-status';
import { TONE_TEXT } from '@/components/status/tone';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { Curve, Overview } from '@/components/trpc/types';
import { Countdown } from '@/components/ui/countdown';
import { cx } from '@/components/ui/cx';
import { Pnl } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { attentionItems } from './attention';
import { stateSentence } from './state-sentence';

interface OverviewPageProps {
  readonly initial: Overview;
  readonly curve: Curve;
}

/** The list keeps its height: what is below it never moves when something comes or goes. */
const ATTENTION_HEIGHT = 'h-37';

/** The state, what needs attention, exposure, the latest decisions and health. */
export function OverviewPage({ initial, curve }: OverviewPageProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.system.overview.queryOptions(undefined, { initialData: initial }));
  return (
    <>
      <PageHeader title="Overview" />
      <State overview={query.data} />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_320px]">
        <div className="flex min-w-0 flex-col gap-3">
          <Attention overview={query.data} />
          <CurvePanel initial={curve} initialRange="1d" />
          <Panel
            title="Latest decisions"
            aside={
              <Link href="/policy" className="text-12 text-primary hover:underline">
                All decisions
              </Link>
            }
          >
            <DecisionTable
              rows={query.data.decisions}
              inPlace
              empty={
                <EmptyState title="No decisions yet">
                  Policy evaluates each signal of a strategy or a REST client.
                </EmptyState>
              }
            />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Limits overview={query.data} />
          <Health overview={query.data} />
        </div>
      </div>
    </>
  );
}

/** The state in one sentence, and the day's result. */
function State({ overview }: { readonly overview: Overview }) {
  const { status, error } = useStatus();
  const waiting = useWaiting();
  const facts = { status, error, dataAgeSeconds: useDataAge(status), cutOff: useCutOffSince() !== null };
  const open = status.market?.isOpen ?? false;
  const { headline, detail, tone } = stateSentence(bannersOf(facts), waiting.length, overview.workingOrders, open);
  return (
    <section
      aria-label="State of trading"
      data-testid="state-sentence"
      className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-md border border-border bg-surface px-4 py-3"
    >
      <div className="min-w-0">
        <p className={cx('text-20 font-semibold', tone === 'pos' ? 'text-text' : TONE_TEXT[tone])}>{headline}</p>
        <p className="text-muted">{detail}</p>
      </div>
      <div className="sm:text-right">
        <p className="text-12 text-muted">Day P&amp;L</p>
        <p className="min-w-40 text-28 font-semibold">
          <Pnl value={status.dayPnl} />
        </p>
      </div>
    </section>
  );
}

function Attention({ overview }: { readonly overview: Overview }) {
  const items = attentionItems(overview, useNow());
  return (
    <Panel
      title="Needs attention"
      testId="attention"
      aside={<span className="num text-12 text-muted">{items.length}</span>}
    >
      {items.length === 0 ? (
        <div className={ATTENTION_HEIGHT}>
          <EmptyState title="Nothing needs attention">
            No approvals are waiting, all orders are confirmed, and the books match the broker.
          </EmptyState>
        </div>
      ) : (
        <ScrollBox label="Needs attention" kind="list" className={ATTENTION_HEIGHT}>
          <ul>
            {items.map((item) => (
              <li key={item.key} className="border-b border-border last:border-b-0">
                <Link
                  href={item.href}
                  className="flex min-h-9 items-center gap-2 px-3 py-1 hover:bg-sunken"
                  data-testid="attention-item"
                >
                  <span
                    aria-hidden="true"
                    className={cx('w-4 text-center', item.tone === 'danger' ? 'text-danger' : 'text-warn')}
                  >
                    {item.glyph}
                  </span>
                  <span className="font-medium whitespace-nowrap">{item.title}</span>
                  <span className="min-w-0 flex-1 truncate text-12 text-muted">{item.detail}</span>
                  {item.expiresAt !== null && <Countdown until={item.expiresAt} />}
                  <span aria-hidden="true" className="text-muted">
                    ›
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </ScrollBox>
      )}
    </Panel>
  );
}

interface MeterProps {
  readonly label: string;
  readonly value: string | null;
  readonly limit: string | null;
}

/** A figure against its limit, as numbers and as a bar. */
function Meter({ label, value, limit }: MeterProps) {
  const share = shareOf(value, limit);
  const tone = share >= 0.9 ? 'bg-danger' : share >= 0.7 ? 'bg-warn' : 'bg-primary';
  return (
    <div>
      <div className="flex justify-between gap-2">
        <span>{label}</span>
        <span className="num">
          <span className="font-medium">{formatPct(value)}</span>{' '}
          <span className="text-muted">{limit === null ? '' : `of ${formatPct(limit, 0)}`}</span>
        </span>
      </div>
      <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div className={cx('h-full', tone)} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

function Limits({ overview }: { readonly overview: Overview }) {
  return (
    <Panel title="Exposure against limits" testId="limits">
      <div className="flex flex-col gap-3 p-3">
        <Meter label="Gross exposure" value={overview.grossExposure} limit={overview.grossExposureLimit} />
        <Meter label="Day drawdown" value={overview.drawdownPct} limit={overview.drawdownLimit} />
        {overview.exposures.length > 0 && (
          <h3 className="border-t border-border pt-2 text-12 font-medium text-muted">By symbol, of equity</h3>
        )}
        {overview.exposures.slice(0, 6).map((row) => (
          <Meter key={row.symbol} label={row.symbol} value={row.pct} limit={overview.grossExposureLimit} />
        ))}
      </div>
    </Panel>
  );
}

function HealthRow({
  label,
  good,
  children,
}: {
  readonly label: string;
  readonly good: boolean;
  readonly children: React.ReactNode;
}) {
  return (
    <div className="flex items-center justify-between gap-2 border-b border-border px-3 py-1.5 last:border-b-0">
      <dt className="text-muted">{label}</dt>
      <dd className={cx('num flex items-center gap-1.5 text-right', !good && 'font-medium text-danger')}>
        {children}
        <span aria-hidden="true" className={good ? 'text-pos' : 'text-danger'}>
          {good ? '●' : '✕'}
        </span>
      </dd>
    </div>
  );
}

/** Policy treats the portfolio as stale beyond this age. */
const RECONCILED_LIMIT_SECONDS = 15;

function Health({ overview }: { readonly overview: Overview }) {
  const { status } = useStatus();
  const now = useNow();
  const stream = useStreamState();
  const age = useDataAge(status);
  const reconciled = status.reconciledAt === null ? null : ageSeconds(status.reconciledAt, now);
  const closed = status.market !== null && !status.market.isOpen;
  return (
    <Panel
      title="Health"
      testId="health"
      aside={
        <Link href="/system" className="text-12 text-primary hover:underline">
          System
        </Link>
      }
    >
      <dl>
        <HealthRow label="Workers" good={status.workers.alive > 0}>
          {status.workers.alive} alive
        </HealthRow>
        <HealthRow label="Market data" good={closed || (age !== null && age <= status.maxDataAgeSeconds)}>
          {age === null ? 'none' : `${formatDuration(age)} old`}
        </HealthRow>
        <HealthRow label="Reconciled" good={reconciled !== null && reconciled <= RECONCILED_LIMIT_SECONDS}>
          {reconciled === null ? 'never' : `${formatDuration(reconciled)} ago`}
        </HealthRow>
        <HealthRow label="Breaks" good={status.openBreaks === 0}>
          {status.openBreaks}
        </HealthRow>
        <HealthRow label="Page stream" good={stream === 'live'}>
          {stream}
        </HealthRow>
        <HealthRow label="Open orders" good>
          {overview.workingOrders}
        </HealthRow>
        <HealthRow label="Source" good={status.market !== null}>
          {status.market?.source ?? NONE}
        </HealthRow>
      </dl>
    </Panel>
  );
}
