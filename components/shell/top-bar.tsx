'use client';

import { lazy, Suspense } from 'react';
import { describeMoment } from '@/components/format/time';
import { TONE_TEXT } from '@/components/status/tone';
import { ENVIRONMENT, TRADING_STATE } from '@/components/status/trading';
import type { Status } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Countdown } from '@/components/ui/countdown';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { untilLoaded } from '@/components/ui/use-loaded';
import { useShellActions } from './actions';
import { Bell } from './bell';
import { useStatus, useWaiting } from './use-status';
import { UserMenu } from './user-menu';

/** The figures are in the page's HTML at once; what moves them comes after it. */
const TopCells = lazy(async () => {
  const { TopCells: cells } = await untilLoaded(() => import('./top-cells'));
  return { default: cells };
});

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
      className="w-[84px] min-w-0 shrink-0 rounded-sm px-1 text-left leading-none hover:bg-sunken sm:w-36"
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

/** Whether it is safe, what waits, and the way to stop: on every page. */
export function TopBar() {
  const { status } = useStatus();
  const { open } = useShellActions();
  return (
    <header className="border-b border-border bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-2 px-3 md:gap-x-3">
        <Link href="/" className="hidden shrink-0 text-14 font-semibold tracking-tight lg:block lg:w-[132px]">
          Countersign
        </Link>
        <EnvironmentBadge status={status} />
        <TradingStateButton status={status} />
        <div className="order-last flex w-full items-center gap-x-4 overflow-x-auto border-t border-border py-1 md:order-none md:w-auto md:border-0 md:py-0">
          <Suspense fallback={<div className="h-[30px]" />}>
            <TopCells status={status} />
          </Suspense>
        </div>
        <ApprovalsCell />
        <div className="ml-auto flex h-12 items-center gap-1">
          <span className="hidden lg:block">
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
            className="ml-1 min-w-16 font-bold tracking-wider"
          >
            KILL
          </Button>
        </div>
      </div>
    </header>
  );
}
