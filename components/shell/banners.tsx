'use client';

import type { ComponentType, ReactNode } from 'react';
import { ageSeconds, formatClock, formatDuration } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { useCutOffSince } from '@/components/live/stream-state';
import { BROKER_STATE, BROKER_WORDS, remedyText } from '@/components/status/broker';
import { messageOf } from '@/components/trpc/client';
import type { Status } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { useShellActions } from './actions';
import { type BannerName, bannersOf } from './banner-names';
import { useDataAge } from './data-age';
import { TradingCauses } from './trading-causes';
import { useStatus } from './use-status';

/** What the banners show. */
interface BannerSource {
  readonly status: Status;
  readonly error: unknown;
  /** Epoch ms; null while updates arrive. */
  readonly cutOffSince: number | null;
}

interface BannerProps {
  readonly id: string;
  readonly name: string;
  readonly tone: 'kill' | 'warn';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Full width. It cannot be dismissed and disappears with its cause. */
function Banner({ id, name, tone, children, action }: BannerProps) {
  return (
    <div
      role="alert"
      data-testid={`banner-${id}`}
      className={cx(
        'flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1',
        tone === 'kill' ? 'border-kill-strong bg-kill text-white' : 'border-warn bg-warn-bg text-warn',
      )}
    >
      <strong className="text-12 font-bold tracking-wide">{name}</strong>
      <span className="order-last min-w-0 basis-full sm:order-none sm:flex-1 sm:basis-0">{children}</span>
      {action !== undefined && <span className="ml-auto">{action}</span>}
    </div>
  );
}

function HaltedBanner({ status }: BannerSource) {
  const { open } = useShellActions();
  const { trading } = status;
  const verified = trading.halt?.verifiedAt ?? null;
  return (
    <Banner
      id="halted"
      name={verified === null ? 'HALTING' : 'HALTED'}
      tone="kill"
      action={
        <Button size="small" onClick={() => open('release')} data-testid="open-release">
          Release…
        </Button>
      }
    >
      by {trading.changedBy} at <Moment iso={trading.changedAt} /> ET
      {trading.reason !== '' && <> · {trading.reason}</>}
      <span className="hidden sm:inline">
        {' · '}
        {verified === null
          ? 'Not verified yet: orders may still be open at the broker'
          : 'Verified: no open orders remain at the broker'}
      </span>
      {trading.causes.some(({ cause }) => cause !== 'PERSON') && <TradingCauses causes={trading.causes} />}
    </Banner>
  );
}

function ReducingBanner({ status }: BannerSource) {
  const { open } = useShellActions();
  return (
    <Banner
      id="reducing"
      name="REDUCING"
      tone="warn"
      action={
        <Button size="small" onClick={() => open('release')} data-testid="open-release">
          Release…
        </Button>
      }
    >
      Only orders that reduce positions are sent.
      <TradingCauses causes={status.trading.causes} />
    </Banner>
  );
}

function WorkerBanner({ status }: BannerSource) {
  const now = useNow();
  const beat = status.workers.newestBeatAt;
  return (
    <Banner id="worker" name="WORKER DOWN" tone="kill" action={<Show href="/system" />}>
      {beat === null
        ? 'No worker has reported yet.'
        : `No worker has reported for ${formatDuration(ageSeconds(beat, now))}.`}{' '}
      Nothing is sent or reconciled. Start a worker; halting still works.
    </Banner>
  );
}

function StaleBanner({ status }: BannerSource) {
  const age = useDataAge(status);
  return (
    <Banner id="stale" name="STALE DATA" tone="warn">
      {age === null
        ? 'No quotes yet.'
        : `The newest quote is ${formatDuration(age)} old; the limit is ${formatDuration(status.maxDataAgeSeconds)}.`}{' '}
      Policy rejects every trade until quotes arrive.
    </Banner>
  );
}

function BreakBanner({ status }: BannerSource) {
  return (
    <Banner id="break" name="RECONCILIATION BREAK" tone="warn" action={<Show href="/reconciliation" />}>
      {status.openBreaks === 1 ? 'One break is open.' : `${status.openBreaks} breaks are open.`} Policy rejects orders
      in these symbols until you resolve them.
    </Banner>
  );
}

function UnprotectedBanner({ status }: BannerSource) {
  const { unprotected } = status;
  const positions = unprotected.length === 1 ? `${unprotected[0]} is` : `${unprotected.join(', ')} are`;
  return (
    <Banner id="unprotected" name="UNPROTECTED POSITION" tone="kill" action={<Show href="/portfolio" />}>
      {positions} held without the stop that the entry requires. The worker keeps trying; close the position if it must
      not stay unprotected.
    </Banner>
  );
}

function BrokerBanner({ status }: BannerSource) {
  const { broker } = status;
  if (broker === null) return null;
  const { label, tone } = BROKER_STATE[broker.state];
  return (
    <Banner
      id="broker"
      name={`BROKER: ${label.toUpperCase()}`}
      tone={tone === 'danger' ? 'kill' : 'warn'}
      action={<Show href="/system" />}
    >
      {BROKER_WORDS[broker.state].effect}{' '}
      <span data-testid="broker-remedy">{remedyText(broker.state, broker.detail)}</span>
    </Banner>
  );
}

function Show({ href }: { readonly href: string }) {
  return (
    <Link className="underline" href={href}>
      Show
    </Link>
  );
}

function OpeningBanner() {
  return (
    <Banner id="opening" name="OPENING BALANCES" tone="warn" action={<Show href="/reconciliation" />}>
      A new account was found. Nothing trades until an administrator signs its balances.
    </Banner>
  );
}

function CutOffBanner({ cutOffSince }: BannerSource) {
  return (
    <Banner id="cut-off" name="CONSOLE CUT OFF" tone="kill">
      No updates{cutOffSince !== null && <> since {formatClock(cutOffSince)}</>}. Figures are out of date. Orders at the
      broker and strategies go on. This page keeps trying; to stop trading now, use KILL or run{' '}
      <code className="font-mono">npx countersign halt</code> on the server.
    </Banner>
  );
}

function ConsoleBanner({ error }: BannerSource) {
  return (
    <Banner
      id="server"
      name="NO ANSWER"
      tone="warn"
      action={
        <a className="underline" href="/signin">
          Sign in
        </a>
      }
    >
      {messageOf(error)}
    </Banner>
  );
}

const BANNERS: Readonly<Record<BannerName, ComponentType<BannerSource>>> = {
  'CONSOLE CUT OFF': CutOffBanner,
  HALTED: HaltedBanner,
  REDUCING: ReducingBanner,
  'WORKER DOWN': WorkerBanner,
  BROKER: BrokerBanner,
  'OPENING BALANCES': OpeningBanner,
  'UNPROTECTED POSITION': UnprotectedBanner,
  'RECONCILIATION BREAK': BreakBanner,
  'STALE DATA': StaleBanner,
  'NO ANSWER': ConsoleBanner,
};

/** Conditions that need attention, on every page. */
export function Banners() {
  const { status, error } = useStatus();
  const cutOffSince = useCutOffSince();
  const facts = { status, error, dataAgeSeconds: useDataAge(status), cutOff: cutOffSince !== null };
  return (
    <div data-testid="banners">
      {bannersOf(facts).map((name) => {
        const Shown = BANNERS[name];
        return <Shown key={name} status={status} error={error} cutOffSince={cutOffSince} />;
      })}
    </div>
  );
}
