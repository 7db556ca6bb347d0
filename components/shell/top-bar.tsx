'use client';

import type { ReactNode } from 'react';
import { describeMoment, formatClock, formatDuration } from '@/components/format/time';
import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { type StreamState, useCutOffSince, useStreamState } from '@/components/live/stream-state';
import { BROKER_STATE } from '@/components/status/broker';
import { TONE_TEXT, type Tone } from '@/components/status/tone';
import { ENVIRONMENT, TRADING_STATE } from '@/components/status/trading';
import type { Status } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { cx } from '@/components/ui/cx';
import { Pnl } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { ScrollBox } from '@/components/ui/scroll-box';
import { useShellActions } from './actions';
import { Bell } from './bell';
import { useDataAge } from './data-age';
import { useStatus, useWaiting } from './use-status';
import { UserMenu } from './user-menu';

const ENVIRONMENT_LOOK: Record<Status['environment'], string> = {
  SIM: 'border-border bg-sunken text-text',
  PAPER: 'border-transparent bg-paper-bg text-paper-fg',
  LIVE: 'border-transparent bg-live-bg text-live-fg',
};

function EnvironmentBadge({ status }: { readonly status: Status }) {
  const look = ENVIRONMENT[status.environment];
  return (
    <span
      title={`${look.hint}. Rollout stage ${status.stage}. Data: ${status.market?.source ?? 'none yet'}`}
      data-testid="environment"
      className={cx(
        'inline-flex h-6 items-center gap-1.5 rounded-sm border px-1.5 text-12 font-semibold',
        ENVIRONMENT_LOOK[status.environment],
      )}
    >
      {look.label}
      <span className="hidden font-normal sm:inline">{status.stage.replace('_', ' ')}</span>
    </span>
  );
}

function TradingStateButton({ status }: { readonly status: Status }) {
  const { open } = useShellActions();
  const display = TRADING_STATE[status.trading.state];
  const halting = status.trading.state === 'HALTED' && status.trading.halt?.verifiedAt === null;
  return (
    <button
      type="button"
      data-testid="trading-state"
      title={`${display.hint}. ${status.trading.changedBy}, ${describeMoment(status.trading.changedAt)}`}
      onClick={() => open(status.trading.state === 'ACTIVE' ? 'kill' : 'release')}
      className="w-[84px] min-w-0 shrink-0 rounded-sm px-1 text-left leading-none hover:bg-sunken sm:w-32 xl:w-36"
    >
      <span className={cx('block text-12 leading-4 font-semibold whitespace-nowrap', TONE_TEXT[display.tone])}>
        <span aria-hidden="true">{display.glyph}</span> {halting ? 'Halting' : display.label}
      </span>
      <span className="num block truncate text-11 leading-[14px] text-muted">
        <Moment iso={status.trading.changedAt} /> {status.trading.changedBy}
      </span>
    </button>
  );
}

function ApprovalsCell() {
  const waiting = useWaiting();
  const soonest = waiting[0];
  return (
    <Link
      href="/approvals"
      data-testid="approvals-count"
      className="shrink-0 rounded-sm px-1 leading-none hover:bg-sunken"
    >
      <span className="block text-11 leading-[14px] text-muted">Approvals</span>
      <span
        className={cx(
          'num block min-w-14 text-12 leading-4 font-semibold whitespace-nowrap',
          waiting.length > 0 && 'text-warn',
        )}
      >
        {waiting.length === 0 ? 'none' : waiting.length}
        {soonest !== undefined && (
          <>
            {' · '}
            <Countdown until={soonest.expiresAt} />
          </>
        )}
      </span>
    </Link>
  );
}

const STREAM: Record<StreamState, { readonly label: string; readonly tone: Tone; readonly glyph: string }> = {
  connecting: { label: 'connecting', tone: 'neutral', glyph: '○' },
  live: { label: 'live', tone: 'pos', glyph: '●' },
  down: { label: 'down', tone: 'danger', glyph: '✕' },
};

/** A label above its value. The width is fixed, so that nothing moves when the value changes. */
function Cell({
  label,
  title,
  className,
  testId,
  children,
}: {
  readonly label: string;
  readonly title?: string;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}) {
  return (
    <div title={title} data-testid={testId} className={cx('shrink-0 leading-none', className)}>
      <div className="text-11 leading-[14px] text-muted">{label}</div>
      <div className="num text-12 leading-4 font-medium whitespace-nowrap">{children}</div>
    </div>
  );
}

function SessionCell({ status }: { readonly status: Status }) {
  const now = useNow();
  const market = status.market;
  const at = marketNowMs(market, now);
  const open = market?.isOpen ?? false;
  const label = market === null ? 'Market unknown' : open ? 'Market open' : 'Market closed';
  return (
    <Cell
      label={market !== null && market.speed > 1 ? `${label} ${market.speed}×` : label}
      title={`Market time ${new Date(at).toISOString()}. ${market?.source ?? ''}`}
      className="w-24"
      testId="market-session"
    >
      {formatClock(at)}
    </Cell>
  );
}

function DataCell({ status }: { readonly status: Status }) {
  const age = useDataAge(status);
  const stale = age === null || age > status.maxDataAgeSeconds;
  const expected = status.market?.isOpen ?? false;
  return (
    <Cell
      label="Data"
      title={`Age of the newest quote; policy rejects trades beyond ${status.maxDataAgeSeconds} s`}
      className="w-16"
      testId="data-age"
    >
      <span className={stale ? (expected ? 'text-danger' : 'text-muted') : 'text-pos'}>
        <span aria-hidden="true">{stale ? '○' : '●'}</span> {age === null ? 'none' : formatDuration(age)}
      </span>
    </Cell>
  );
}

function StreamCell() {
  const stream = STREAM[useStreamState()];
  return (
    <Cell label="Stream" title="This page's connection for updates" className="w-20" testId="stream-state">
      <span className={TONE_TEXT[stream.tone]}>
        <span aria-hidden="true">{stream.glyph}</span> {stream.label}
      </span>
    </Cell>
  );
}

function BrokerCell({ status }: { readonly status: Status }) {
  const { broker } = status;
  const look = broker === null ? null : BROKER_STATE[broker.state];
  return (
    <Cell
      label="Broker"
      title={broker?.detail || 'State of the broker connection'}
      className="w-[88px]"
      testId="broker-state"
    >
      <span className={TONE_TEXT[look?.tone ?? 'neutral']}>
        <span aria-hidden="true">{look?.glyph ?? '○'}</span> {look?.label ?? 'unknown'}
      </span>
    </Cell>
  );
}

/** The middle of the top bar: market, data, broker, stream and day P&L. */
function TopCells({ status }: { readonly status: Status }) {
  return (
    <>
      <SessionCell status={status} />
      <DataCell status={status} />
      <BrokerCell status={status} />
      <StreamCell />
      <Cell label="Day P&L" className="order-first min-w-20 md:order-none" testId="day-pnl">
        <Pnl value={status.dayPnl} />
      </Cell>
    </>
  );
}

/** The bar on every page: state, approvals, alerts and KILL. */
export function TopBar() {
  const { status } = useStatus();
  const { open } = useShellActions();
  const cutOff = useCutOffSince() !== null;
  return (
    <header className="border-b border-border bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-2 px-3 md:gap-x-3">
        <Link href="/" className="hidden shrink-0 text-14 font-semibold tracking-tight xl:block xl:w-[132px]">
          Countersign
        </Link>
        <EnvironmentBadge status={status} />
        <TradingStateButton status={status} />
        <ScrollBox
          label="State"
          kind="P&L, market, data and connections"
          className={cx(
            'order-last flex w-full items-center gap-x-4 md:gap-x-2 xl:gap-x-4 border-t border-border py-1 md:order-none md:w-auto md:border-0 md:py-0',
            cutOff && 'opacity-60 grayscale',
          )}
        >
          <TopCells status={status} />
        </ScrollBox>
        <ApprovalsCell />
        <div className="ml-auto flex h-12 items-center gap-1">
          <span className="hidden xl:block">
            <Button
              variant="ghost"
              size="small"
              onClick={() => open('palette')}
              aria-label="Go to a page or symbol"
              className="font-normal"
              data-testid="open-palette"
            >
              <kbd className="font-sans">⌘K</kbd>
            </Button>
          </span>
          <Bell />
          <UserMenu />
          <Button
            variant="kill"
            onClick={() => open('kill')}
            data-testid="kill"
            title="Halt trading (Ctrl Shift K, also in a dialog)"
            className="ml-1 min-w-16 font-bold tracking-wider"
          >
            KILL
          </Button>
        </div>
      </div>
    </header>
  );
}
