'use client';

import type { ReactNode } from 'react';
import { ageSeconds, formatDuration } from '@/components/format/time';
import { quoteAgeSeconds } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useNewestQuote } from '@/components/live/quotes';
import { BROKER_STATE } from '@/components/status/broker';
import { messageOf } from '@/components/trpc/client';
import type { Status } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { useLoaded } from '@/components/ui/use-loaded';
import { useShellActions } from './actions';
import { useStatus } from './use-status';

interface BannerProps {
  readonly id: string;
  readonly name: string;
  readonly tone: 'kill' | 'warn';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Full width, cannot be dismissed: it goes when its cause goes. */
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

/** Age of the newest quote in market seconds; null when there is none. */
export function useDataAge(status: Status): number | null {
  const now = useNow();
  const streamed = useNewestQuote();
  const read = status.newestQuote;
  const quotedAt =
    streamed !== null && (read === null || streamed.receivedAt > read.receivedAt)
      ? streamed.quotedAt
      : (read?.quotedAt ?? null);
  return quotedAt === null ? null : quoteAgeSeconds(status.market, quotedAt, now);
}

function HaltedBanner({ status }: { readonly status: Status }) {
  const { open } = useShellActions();
  const { trading } = status;
  if (trading.state !== 'HALTED') return null;
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
          ? 'not verified yet: orders may still work at the broker'
          : 'verified: nothing works any more'}
      </span>
    </Banner>
  );
}

function WorkerBanner({ status }: { readonly status: Status }) {
  const now = useNow();
  if (status.workers.alive > 0) return null;
  const beat = status.workers.newestBeatAt;
  return (
    <Banner id="worker" name="WORKER DOWN" tone="kill" action={<Show href="/system" />}>
      {beat === null
        ? 'No worker has reported yet.'
        : `No worker has reported for ${formatDuration(ageSeconds(beat, now))}.`}{' '}
      Nothing is sent or reconciled; halting still works.
    </Banner>
  );
}

function StaleBanner({ status }: { readonly status: Status }) {
  const age = useDataAge(status);
  if (status.market === null || !status.market.isOpen) return null;
  if (age !== null && age <= status.maxDataAgeSeconds) return null;
  return (
    <Banner id="stale" name="STALE DATA" tone="warn">
      {age === null
        ? 'No quote has come yet.'
        : `The newest quote is ${formatDuration(age)} old; the limit is ${formatDuration(status.maxDataAgeSeconds)}.`}{' '}
      Policy rejects every trade until quotes come.
    </Banner>
  );
}

function BreakBanner({ status }: { readonly status: Status }) {
  if (status.openBreaks === 0) return null;
  return (
    <Banner id="break" name="RECONCILIATION BREAK" tone="warn" action={<Show href="/reconciliation" />}>
      {status.openBreaks === 1 ? 'One break is unresolved.' : `${status.openBreaks} breaks are unresolved.`} Policy
      rejects orders in the symbols concerned.
    </Banner>
  );
}

/** Rare: its words come after the first paint, its name with it. */
const loadWords = () => import('@/components/status/broker-words');

function BrokerBanner({ status }: { readonly status: Status }) {
  const { broker } = status;
  return broker === null || broker.state === 'OK' ? null : <TroubledBroker broker={broker} />;
}

function TroubledBroker({ broker }: { readonly broker: NonNullable<Status['broker']> }) {
  const { label, tone } = BROKER_STATE[broker.state];
  const words = useLoaded(loadWords);
  return (
    <Banner
      id="broker"
      name={`BROKER: ${label.toUpperCase()}`}
      tone={tone === 'danger' ? 'kill' : 'warn'}
      action={<Show href="/system" />}
    >
      {words?.BROKER_WORDS[broker.state].effect}{' '}
      <span data-testid="broker-remedy">{words?.remedyText(broker.state, broker.detail) ?? broker.detail}</span>
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

function OpeningBanner({ status }: { readonly status: Status }) {
  if (status.openings === 0) return null;
  return (
    <Banner id="opening" name="OPENING BALANCES" tone="warn" action={<Show href="/reconciliation" />}>
      An account was seen for the first time. Nothing trades until a person has signed for what it holds.
    </Banner>
  );
}

function ConsoleBanner({ error }: { readonly error: unknown }) {
  if (error === null) return null;
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

export function Banners() {
  const { status, error } = useStatus();
  return (
    <div data-testid="banners">
      <HaltedBanner status={status} />
      <WorkerBanner status={status} />
      <BrokerBanner status={status} />
      <OpeningBanner status={status} />
      <BreakBanner status={status} />
      <StaleBanner status={status} />
      <ConsoleBanner error={error} />
    </div>
  );
}
