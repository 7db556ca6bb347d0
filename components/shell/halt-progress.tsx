'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { formatTime } from '@/components/format/time';
import { useTRPC } from '@/components/trpc/client';
import type { TradingStateView } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { ShortId } from '@/components/ui/figures';
import { prepareHalt, type StuckOrder } from './prepare-halt';

type Halt = NonNullable<TradingStateView['halt']>;

interface Step {
  readonly label: string;
  readonly at: string | null;
  readonly waiting: string;
}

/** The worker counts once a round without publishing an event. */
const REFRESH_MS = 1_000;

function stepsOf(halt: Halt): readonly Step[] {
  return [
    { label: 'Requested', at: halt.requestedAt, waiting: '' },
    { label: 'Acknowledged', at: halt.acknowledgedAt, waiting: 'waiting for orders being sent' },
    { label: 'Verified', at: halt.verifiedAt, waiting: 'cancelling and checking at the broker' },
  ];
}

function elapsed(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 1_000 ? `+${ms} ms` : `+${(ms / 1_000).toFixed(1)} s`;
}

/** Refetches the counts until the halt is verified. */
function useFreshCounts(halt: Halt): void {
  const trpc = useTRPC();
  const client = useQueryClient();
  const open = halt.verifiedAt === null;
  useEffect(() => {
    if (!open) return;
    const timer = setInterval(
      () => void client.invalidateQueries({ queryKey: trpc.system.status.queryKey() }),
      REFRESH_MS,
    );
    return () => clearInterval(timer);
  }, [open, client, trpc]);
}

/** Requested → acknowledged → verified, with times. */
export function HaltProgress({ halt }: { readonly halt: Halt }) {
  useFreshCounts(halt);
  const { counts, stuck, retry, fault } = prepareHalt(halt);
  return (
    <div data-testid="halt-progress" aria-live="polite">
      <ol className="flex flex-col gap-1">
        {stepsOf(halt).map((step) => (
          <li key={step.label} className="grid grid-cols-[16px_104px_1fr] items-baseline gap-1">
            <span aria-hidden="true" className={cx(step.at === null ? 'text-muted' : 'text-pos')}>
              {step.at === null ? '○' : '●'}
            </span>
            <span className="font-medium">{step.label}</span>
            {step.at === null ? (
              <span className="text-muted">{step.waiting}</span>
            ) : (
              <span className="num">
                {formatTime(step.at)} ET{' '}
                <span className="text-muted">
                  {step.at === halt.requestedAt ? '' : elapsed(halt.requestedAt, step.at)}
                </span>
              </span>
            )}
          </li>
        ))}
      </ol>
      {counts.length > 0 && (
        <dl className="mt-2 grid grid-cols-3 gap-x-3 gap-y-1 pl-5 sm:grid-cols-5" data-testid="halt-counts">
          {counts.map((count) => (
            <div key={count.label}>
              <dt className="text-12 text-muted">{count.label}</dt>
              <dd className={cx('num font-medium', count.open && 'text-warn')}>{count.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {fault !== null && (
        <p className="mt-1 pl-5 text-12 break-words text-danger" data-testid="halt-fault">
          {fault}
          {retry !== null && ` ${retry}`}
        </p>
      )}
      <Stuck orders={stuck} />
    </div>
  );
}

/** Orders that could not be cancelled yet, each with the reason. */
function Stuck({ orders }: { readonly orders: readonly StuckOrder[] }) {
  if (orders.length === 0) return null;
  return (
    <div className="mt-2 pl-5" data-testid="halt-stuck">
      <p className="font-medium text-danger">Not cancelled yet</p>
      <ul className="max-h-40 overflow-y-auto">
        {orders.map((order) => (
          <li key={order.id} className="flex flex-wrap gap-x-2 text-12">
            <span className="font-semibold">{order.symbol}</span>
            <a href={`/orders/${order.id}`} className="text-primary underline">
              <ShortId id={order.id} />
            </a>
            <span className="text-muted">{order.why}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
