'use client';

import type { ReactNode } from 'react';
import { formatClock, formatDuration } from '@/components/format/time';
import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { type StreamState, useStreamState } from '@/components/live/stream-state';
import { BROKER_STATE } from '@/components/status/broker';
import { TONE_TEXT, type Tone } from '@/components/status/tone';
import type { Status } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Pnl } from '@/components/ui/figures';
import { useDataAge } from './data-age';

const STREAM: Record<StreamState, { readonly label: string; readonly tone: Tone; readonly glyph: string }> = {
  connecting: { label: 'connecting', tone: 'neutral', glyph: '○' },
  live: { label: 'live', tone: 'pos', glyph: '●' },
  down: { label: 'down', tone: 'danger', glyph: '✕' },
};

/** A small label above its value, of fixed width so that nothing moves when the value does. */
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
      title={`Age of the newest quote; policy rejects past ${status.maxDataAgeSeconds} s`}
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
    <Cell label="Stream" title="This page's own connection for updates" className="w-20" testId="stream-state">
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
      title={broker?.detail || 'How the broker answers the worker'}
      className="w-[88px]"
      testId="broker-state"
    >
      <span className={TONE_TEXT[look?.tone ?? 'neutral']}>
        <span aria-hidden="true">{look?.glyph ?? '○'}</span> {look?.label ?? 'unknown'}
      </span>
    </Cell>
  );
}

/** The figures in the middle of the top bar: market, data, broker, stream, the day's result. */
export function TopCells({ status }: { readonly status: Status }) {
  return (
    <>
      <SessionCell status={status} />
      <DataCell status={status} />
      <BrokerCell status={status} />
      <StreamCell />
      <Cell label="Day P&L" className="min-w-20" testId="day-pnl">
        <Pnl value={status.dayPnl} />
      </Cell>
    </>
  );
}
